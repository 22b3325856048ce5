import type { RequestRecord } from "../../load/metrics/request-record.js";

/** The fields of a record, in the order in which a packed one has them; those that most do not have are last. */
const FIELDS = [
  "index",
  "jobId",
  "status",
  "stage",
  "client",
  "schedMs",
  "sendMs",
  "headersMs",
  "firstMs",
  "lastMs",
  "terminalMs",
  "closeMs",
  "tokensOut",
  "contentEventCount",
  "longestStallMs",
  "httpStatus",
  "code",
  "message",
] as const satisfies readonly (keyof RequestRecord)[];

/** Records as rows without names: a third of the size. */
export interface PackedRecords {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Leaves out the names; what is missing at the end of a row is left out, too. */
export function packRecords(records: readonly RequestRecord[]): PackedRecords {
  const rows = records.map((record) => {
    const row: unknown[] = FIELDS.map((field) => record[field] ?? null);
    while (row.length > FIELDS.length - 3 && row.at(-1) === null) row.pop();
    return row;
  });
  return { fields: FIELDS, rows };
}

/** Puts the names back. */
export function unpackRecords({ fields, rows }: PackedRecords): RequestRecord[] {
  return rows.map((row) => {
    const entries = fields.map((field, index) => [field, row[index]] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as RequestRecord;
  });
}
