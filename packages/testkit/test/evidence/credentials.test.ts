import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCredentialName } from "../../src/evidence/write/credential-names.js";
import { scrubText } from "../../src/evidence/write/credentials.js";
import { scrubJson } from "../../src/evidence/write/scrub-json.js";

const NAMES = (
  "api-key --api-key --hf-token api_key apiKey x-api-key x-auth x-password x-amz-security-token X-Amz-Signature authorization " +
  "Proxy-Authorization cookie Set-Cookie token access_token secret client_secret password HF_TOKEN OPENAI_API_KEY AWS_SECRET_ACCESS_KEY " +
  "AWS_SESSION_TOKEN db.password refreshToken HUGGING_FACE_HUB_TOKEN passWord PGPASSWORD dbpassword mysecret idtoken csrftoken hf_key"
).split(" ");
const SECRET = "Kq9vZ3xW7pLm";

test.for(NAMES)("%s names a credential", (name) => {
  expect(isCredentialName(name)).toBe(true);
});

test.for(
  "max_tokens tokens_out --max-tokens token_count stop_token eos_token first_token key cache_key keyboard authors tokenizer monkey".split(
    " ",
  ),
)("%s does not name one", (name) => {
  expect(isCredentialName(name)).toBe(false);
});

/** The notations in which a name and its value are met. */
const NOTATIONS: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}=${value}`,
  (name, value) => `${name}: ${value}`,
  (name, value) => `--${name.replace(/^-+/, "")} ${value} --port 1`,
  (name, value) => `--${name.replace(/^-+/, "")}=${value}`,
  (name, value) => `curl -H "${name}: ${value}" http://h/`,
  (name, value) => `-H '${name}:${value}'`,
  (name, value) => `GET /v1?a=1&${name}=${value}&b=2 HTTP/1.1`,
  (name, value) => `GET /v1?${encodeURIComponent(name).replaceAll("_", "%5F")}=${value}`,
  (name, value) => `next=%2Fx%3F${name}%3D${value}%26b`,
  (name, value) => JSON.stringify({ [name]: value, other: 1 }),
  (name, value) => JSON.stringify({ log: JSON.stringify({ [name]: value }) }),
  (name, value) => JSON.stringify(JSON.stringify({ log: JSON.stringify({ [name]: value }) })),
  (name, value) => JSON.stringify([name, value]),
  (name, value) => `{ ${name}: '${value}' }`,
  (name, value) => `{'${name}': '${value}'}`,
  (name, value) => `{"${name}":"${value}`,
  (name, value) => `map[${name}:[${value}]]`,
  (name, value) => JSON.stringify({ [name]: ["a", value] }),
  (name, value) => JSON.stringify({ log: JSON.stringify({ [name]: ["a", value] }) }),
  (name, value) => `{ '${name}': [ 'a', '${value}' ] }`,
  (name, value) => JSON.stringify({ [name]: { user: "a", code: value } }),
  (name, value) => `headers[${name}]=${value}`,
  (name, value) => `${name} => "${value}"`,
  (name, value) => `export ${name}="${value}"; serve`,
  (name, value) => `${name}: Some("${value}")`,
];

test.for(NOTATIONS.map((notation) => [notation("NAME", "VALUE"), notation] as const))(
  "only the value is removed from %s",
  ([, notation]) => {
    for (const name of NAMES) {
      const scrubbed = scrubText(`before ${notation(name, SECRET)}\nafter`);
      expect(scrubbed).not.toContain(SECRET);
      expect(scrubbed).toContain("[redacted]");
      expect(scrubbed).toMatch(/^before /);
    }
  },
);

test.for([
  ["http://user:Kq9vZ3xW7pLm@host/x", "http://[redacted]@host/x"],
  ["sent Bearer Kq9vZ3xW7pLm to it", "sent Bearer [redacted] to it"],
  ["authorization: Basic Kq9vZ3xW7pLm\nx: 1", "authorization: [redacted]\nx: 1"],
  ["cookie: a=1; session=Kq9vZ3xW7pLm", "cookie: [redacted]"],
  ['cookie: a="x"; session=Kq9vZ3xW7pLm\nx: 1', "cookie: [redacted]\nx: 1"],
  ['authorization: Digest username="u", response="Kq9vZ3xW7pLm"', "authorization: [redacted]"],
  ["sent Basic dTpLcTl2WjN4VzdwTG0= to it", "sent Basic [redacted] to it"],
  ["basic usage of it", "basic usage of it"],
  ["http://user:p@Kq9vZ3xW7pLm@host/x@y", "http://[redacted]@host/x@y"],
  [
    "-----BEGIN PRIVATE KEY-----\nKq9vZ3xW7pLm\n-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----",
  ],
  ['{"cookie: a=","x":"y"}', '{"cookie: [redacted]","x":"y"}'],
] as const)("%s", ([text, scrubbed]) => {
  expect(scrubText(text)).toBe(scrubbed);
});

test.for([
  "first token: 12 ms",
  "waited for the first token: nothing came",
  '{"type":"token","t":"x","i":2}',
  "In `token`: field `i` is missing",
  "token=5",
  "max_tokens=20 tokens: 5",
  "--token --port 1",
  "the token is empty",
  "http://host/a@b",
  "api_key=null",
])("nothing is removed from: %s", (text) => {
  expect(scrubText(text)).toBe(text);
});

test("scrubbing is idempotent", () => {
  for (const name of NAMES) {
    for (const notation of NOTATIONS) {
      const once = scrubText(notation(name, SECRET));
      expect(scrubText(once)).toBe(once);
    }
  }
});

describe("JSON", () => {
  test("fields are redacted by name at any depth; model tokens are not", () => {
    const value = {
      prompt: "hi",
      max_tokens: 5,
      token: 7,
      deep: [{ credentials: { user: SECRET } }],
      top: [{ token: "hello", logprob: -1 }],
      argv: ["--hf-token", SECRET, "--port", "1"],
    };
    expect(scrubJson(value)).toEqual({
      ...value,
      deep: [{ credentials: "[redacted]" }],
      argv: ["--hf-token", "[redacted]", "--port", "1"],
    });
  });

  test("the value of a pair is redacted by the name next to it", () => {
    const pairs = [
      { name: "authorization", value: SECRET },
      { key: "HF_TOKEN", value: SECRET },
      { name: "accept", value: "text/plain" },
    ];
    expect(scrubJson(pairs)).toEqual([
      { name: "authorization", value: "[redacted]" },
      { key: "HF_TOKEN", value: "[redacted]" },
      { name: "accept", value: "text/plain" },
    ]);
  });

  test("stays JSON, whatever the value is", () => {
    const property = fc.property(fc.constantFrom(...NAMES), fc.string(), fc.string(), (name, value, other) => {
      const scrubbed = JSON.parse(
        scrubText(JSON.stringify({ [name]: value, other: { n: 1 }, list: [other.length] })),
      ) as object;
      expect(scrubbed).toMatchObject({ other: { n: 1 }, list: [other.length] });
    });
    fc.assert(property, { numRuns: 500 });
  });
});

test("an adversarial text is not slow", () => {
  const hint = "token ";
  for (const unit of [
    "a-",
    "a",
    "api_key=",
    'token:"',
    "-",
    "a.a%5f",
    '\\"',
    'token\\"',
    "bearer ",
    "a://",
    "cookie: [",
    'cookie: a="b"',
    "basic ",
    "a://a@",
    "-----BEGIN PRIVATE KEY-----",
    " ",
  ]) {
    const startedAtMs = performance.now();
    scrubText(hint + unit.repeat(1_000_000 / unit.length));
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  }
});
