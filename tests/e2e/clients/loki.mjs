// Logs numbered lines through pino-loki and through winston-loki (its default, protobuf, and JSON).
// Usage: node loki.mjs URL COUNT
import pino from "pino";
import { pinoLoki } from "pino-loki";
import winston from "winston";
import LokiTransport from "winston-loki";

const [host, count] = [process.argv[2], Number(process.argv[3])];

// Beyond the size of its buffer it drops lines.
const stream = pinoLoki({ host, batching: { interval: 1, maxBufferSize: 2 * count }, labels: { app: "pino" } });
const pinoLogger = pino(stream);
for (let n = 0; n < count; n++) pinoLogger.info({ n }, `line ${n} of ${count}`);
pinoLogger.error("pino failed");
await new Promise((resolve) => {
  stream.on("close", resolve);
  stream.end();
});

for (const json of [false, true]) {
  const transport = new LokiTransport({
    host,
    json,
    interval: 1,
    labels: { app: json ? "winston-json" : "winston" },
    onConnectionError: (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
  const logger = winston.createLogger({ transports: [transport] });
  for (let n = 0; n < count; n++) logger.info(`line ${n} of ${count}`);
  logger.error("winston failed");
  await transport.flush();
}
process.exit();
