// Sends numbered events through Splunk's own logging library, in batches. Usage: node splunk.mjs URL COUNT
import splunk from "splunk-logging";

const [url, count] = [process.argv[2], Number(process.argv[3])];
const logger = new splunk.Logger({ url, token: "any-token", maxBatchCount: 100, maxRetries: 2 });

let answered = 0;
logger.error = (error, context) => {
  console.error(error, context && context.message);
  process.exitCode = 1;
};
await new Promise((resolve) => {
  for (let n = 0; n < count; n++) {
    logger.send(
      { message: { text: `event ${n} of ${count}`, n }, severity: "warn", metadata: { host: "js-host", source: "numbers", sourcetype: "json", index: "js", time: Date.now() / 1000 } },
      (error, response, body) => {
        if (error || body.code !== 0) console.error(error, body);
        answered++;
        if (answered === count / 100) resolve();
      },
    );
  }
});
console.log(JSON.stringify({ answered }));
