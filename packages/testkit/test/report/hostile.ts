/** Texts that a model or a server may write, each of which has broken some page, file or terminal. */
export const HOSTILE_TEXTS = [
  "</script><script>globalThis.broken = 1</script>",
  "<!--<script>",
  "<img src=x onerror='globalThis.broken = 2'>",
  '"><svg onload="globalThis.broken = 3">',
  "$& $1 $` $' $$",
  "line\u2028separator\u2029paragraph",
  "lone \ud800 surrogate \udc00",
  "left\u202eright\u202c \u2066isolated\u2069 \u200b",
  "nul \0 bell \u0007 escape \u001b[2J",
  "]]> & &amp; &#0; \uFFFE \uFFFF",
  '=HYPERLINK("http://127.0.0.1:9/")',
  "+1+1",
  "@SUM(A1)",
  "-2+3",
  "| cell | `code` | [link](javascript:alert(1)) @someone #1\n# heading",
  'quote " comma , new\r\nline',
] as const;
