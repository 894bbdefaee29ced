// Sends numbered events with a client of the forward protocol. Usage: node forward.mjs OPTIONS COUNT PER_SECOND
// OPTIONS are those of FluentClient as JSON, with "tag" beside them. Prints how many emit() said were sent.
import fluent from "@fluent-org/logger";

const { tag, ...options } = JSON.parse(process.argv[2]);
const count = Number(process.argv[3]);
const perSecond = Number(process.argv[4]);
const client = new fluent.FluentClient(tag, options);

let sent = 0;
const errors = {};
const finish = () => {
  console.log(JSON.stringify({ sent, errors }));
  process.exit(0);
};
client.socketOn("error", (error) => {
  errors[error.name] = (errors[error.name] || 0) + 1;
  if (options.security) finish(); // it does not try again with a wrong key
});

const pending = [];
const begin = Date.now();
for (let n = 1; n <= count; n++) {
  const record = { log: `number ${n} of ${tag}`, n, source: "js", kubernetes: { pod_name: "p1", namespace_name: "shop" } };
  pending.push(client.emit(record).then(
    () => sent++,
    (error) => { errors[error.name] = (errors[error.name] || 0) + 1; },
  ));
  if (n % 50 === 0) {
    const due = begin + (1000 * n) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
  }
}
await Promise.all(pending);
await client.disconnect().catch(() => {});
finish();
