// Logs a few lines through pino-loki and through winston-loki (its default, protobuf, and JSON).
// Usage: node send.mjs URL
import pino from "pino";
import { pinoLoki } from "pino-loki";
import winston from "winston";
import LokiTransport from "winston-loki";

const host = process.argv[2];

const stream = pinoLoki({ host, batching: false, labels: { app: "pino" } });
const logger = pino(stream);
logger.info({ order: 17 }, "hello from pino");
logger.error("pino failed");

for (const json of [false, true]) {
  const transport = new LokiTransport({ host, json, batching: false, labels: { app: json ? "winston-json" : "winston" } });
  const winstonLogger = winston.createLogger({ transports: [transport] });
  winstonLogger.info("hello from winston");
  winstonLogger.error("winston failed");
}
setTimeout(() => process.exit(0), 3000);
