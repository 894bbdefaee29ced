// Sends numbered records through OpenTelemetry's SDK, one exporter at a time.
// Usage: node send.mjs EXPORTER URL COUNT SERVICE
//   EXPORTER  proto, json or grpc, with -gzip behind it for compressed bodies
//   COUNT     records; each a millisecond after the one before, an hour ago
import { DiagLogLevel, ROOT_CONTEXT, TraceFlags, diag, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtoExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const [kind, url, countText, service] = process.argv.slice(2);
const count = Number(countText);
const [protocol, compression] = kind.split("-");
const exporters = { proto: ProtoExporter, json: JsonExporter, grpc: GrpcExporter };

// What the SDK complains about is a failure here.
let complaints = 0;
const complain = (...words) => {
  ++complaints;
  console.error(...words);
};
diag.setLogger({ verbose() {}, debug() {}, info() {}, warn: complain, error: complain }, { logLevel: DiagLogLevel.WARN });

const exporter = new exporters[protocol]({ url, compression: compression ?? "none" });
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": service, "service.namespace": "tests", "host.name": "box" }),
  processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 4096, maxExportBatchSize: 500 })],
});
const logger = provider.getLogger("numbers", "1.2.3");
const start = Math.floor(Date.now() / 1000) - 3600;
for (let i = 0; i < count; ++i) {
  const spanContext = { traceId: i.toString(16).padStart(32, "a"), spanId: i.toString(16).padStart(16, "b"), traceFlags: TraceFlags.SAMPLED };
  logger.emit({
    timestamp: [start + Math.floor(i / 1000), (i % 1000) * 1_000_000],
    severityNumber: SeverityNumber.WARN,
    severityText: "WARN",
    body: `record ${i}`,
    attributes: { number: i, half: i / 2 + 0.25, even: i % 2 === 0, "http.route": "/numbers", list: [i, "x"], nested: { inner: { deep: i } } },
    context: trace.setSpanContext(ROOT_CONTEXT, spanContext),
  });
  // The processor drops what its queue does not hold.
  if (i % 2000 === 1999) await provider.forceFlush();
}
await provider.forceFlush();
await provider.shutdown();
process.exit(complaints === 0 ? 0 : 1);
