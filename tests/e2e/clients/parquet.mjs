// Reads a Parquet file with hyparquet, and prints its metadata and rows as JSON.
// Usage: node parquet.mjs FILE
import { readFileSync } from "node:fs";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const bytes = readFileSync(process.argv[2]);
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const metadata = parquetMetadata(file);
const rows = await parquetReadObjects({ file, compressors });
const plain = (_, value) => {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
};
console.log(
  JSON.stringify(
    {
      metadata: Object.fromEntries(metadata.key_value_metadata.map(({ key, value }) => [key, value])),
      codecs: [...new Set(metadata.row_groups.flatMap((g) => g.columns.map((c) => c.meta_data.codec)))],
      hasStatistics: metadata.row_groups.every((g) => g.columns.some((c) => c.meta_data.statistics?.max_value !== undefined)),
      hasBloomFilter: metadata.row_groups.every((g) => g.columns.some((c) => c.meta_data.bloom_filter_offset)),
      rows,
    },
    plain,
  ),
);
