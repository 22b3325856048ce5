/** Common words of one syllable, most of them one token each. */
const WORDS =
  "time year way day man thing world life hand part child eye place work week case point hand group fact night home room side house school home line word book job team game ship rain snow wind tree bird fish boat road town door wall light stone glass wood salt".split(
    " ",
  );

/** Words that are drawn at random. */
export function drawWords(count: number, random: () => number): string {
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
}

/** The number of words of a text. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

/** The first `count` words of a text; its words begin again where it is shorter. */
export function fitWords(text: string, count: number): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === count) return text;
  return Array.from({ length: count }, (_, index) => words[index % words.length] ?? "a").join(" ");
}
