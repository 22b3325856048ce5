import { RECORD_FIELDS, type RequestRecord } from "../../load/metrics/request-record.js";

/** Trailing fields that most records do not have. */
const RARE_FIELD_COUNT = 3;

/** Records as rows without field names: a third of the size. */
export interface PackedRecords {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Leaves out the field names, and missing values at the end of a row. */
export function packRecords(records: readonly RequestRecord[]): PackedRecords {
  const rows = records.map((record) => {
    const row: unknown[] = RECORD_FIELDS.map((field) => record[field] ?? null);
    while (row.length > RECORD_FIELDS.length - RARE_FIELD_COUNT && row.at(-1) === null) row.pop();
    return row;
  });
  return { fields: RECORD_FIELDS, rows };
}

/** Restores the field names. */
export function unpackRecords({ fields, rows }: PackedRecords): RequestRecord[] {
  return rows.map((row) => {
    const entries = fields.map((field, index) => [field, row[index]] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as RequestRecord;
  });
}
