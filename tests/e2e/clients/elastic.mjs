// Sends numbered documents through the bulk helper of Elasticsearch's own client, with the calls that programs make
// before. Usage: node elastic.mjs URL COUNT
import { Client } from "@elastic/elasticsearch";

const [node, count] = [process.argv[2], Number(process.argv[3])];
const client = new Client({ node, compression: true });

const info = await client.info();
const index = "numbered";
if (!(await client.indices.exists({ index }))) await client.indices.create({ index });
await client.cluster.health();

async function* documents() {
  for (let n = 0; n < count; n++) {
    yield { "@timestamp": new Date(Date.now()).toISOString(), message: `document ${n} of ${count}`, n, service: { name: "js" } };
  }
}
const stats = await client.helpers.bulk({
  datasource: documents(),
  onDocument: () => ({ create: { _index: index } }),
  flushBytes: 200_000,
  concurrency: 4,
  refreshOnCompletion: index,
  onDrop: (dropped) => console.error(JSON.stringify(dropped.error)),
});

const one = await client.index({ index: "single", document: { message: "one document" } });
const items = await client.bulk({
  operations: [{ index: { _index: "single", _id: "7" } }, { message: "with an id" }, { delete: { _index: "single", _id: "7" } }],
});
console.log(JSON.stringify({ version: info.version.number, stats, one, items }));
