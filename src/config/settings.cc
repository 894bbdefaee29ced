#include <algorithm>
#include <charconv>

#include "config/config.h"

namespace livedata {
namespace {

Result<void> set_bool(std::string_view text, bool& target) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") {
    target = true;
  } else if (text == "false" || text == "no" || text == "off" || text == "0") {
    target = false;
  } else {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not true or false", text);
  }
  return {};
}

/// A size such as 67108864, 64MiB or 256KiB.
Result<void> set_bytes(std::string_view text, std::uint64_t& target) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const unsigned shift = unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : 0;
  if (error != std::errc() || (shift == 0 && !unit.empty()) || number > (std::uint64_t{1} << 33U)) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a size such as 256KiB or 64MiB", text);
  }
  target = number << shift;
  return {};
}

/// A number up to a hundred million.
Result<void> set_count(std::string_view text, std::uint64_t& target) {
  constexpr std::uint64_t kMax = 100'000'000;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > kMax)
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a number from 0 to {}", text, kMax);
  target = number;
  return {};
}

/// A size of which 0 makes no sense.
Result<void> set_positive_bytes(std::string_view text, std::uint64_t& target) {
  LIVEDATA_RETURN_IF_ERROR(set_bytes(text, target));
  if (target == 0) return fail(ErrorCode::kInvalidArgument, "'{}' must be more than 0", text);
  return {};
}

/// A number that is not 0.
Result<void> set_positive_count(std::string_view text, std::uint64_t& target) {
  LIVEDATA_RETURN_IF_ERROR(set_count(text, target));
  if (target == 0) return fail(ErrorCode::kInvalidArgument, "'{}' must be more than 0", text);
  return {};
}

/// A time such as 90s, 15m, 24h or 30d; 0 stands alone.
Result<void> set_duration(std::string_view text, std::chrono::nanoseconds& target) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::int64_t seconds = unit == "s"   ? 1
                               : unit == "m" ? 60
                               : unit == "h" ? 3600
                               : unit == "d" ? 86'400
                                             : 0;
  constexpr std::int64_t kMaxDays = 36'500;
  if (error != std::errc() || number < 0 || (seconds == 0 && (number != 0 || !unit.empty())) ||
      (seconds != 0 && number > kMaxDays * 86'400 / seconds)) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a time such as 90s, 15m, 24h or 30d",
                text);
  }
  target = std::chrono::seconds(number * seconds);
  return {};
}

/// A share above 0 and below 1.
Result<void> set_share(std::string_view text, double& target) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !(number > 0) || !(number < 1))
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a number between 0 and 1", text);
  target = number;
  return {};
}

Result<void> set_text(std::string_view text, std::string& target) {
  target = text;
  return {};
}

/// One item per line, empty lines left out.
Result<void> set_lines(std::string_view text, std::vector<std::string>& target) {
  target.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) target.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> kSettings = {
      {"server.listen", "127.0.0.1:3100", "Address and port of the web page and the API",
       [](Config& c, std::string_view v) -> Result<void> {
         c.listen = v;
         return {};
       }},
      {"server.allow_unauthenticated", "false",
       "Allow an address that other machines reach, though nobody is asked who they are",
       [](Config& c, std::string_view v) { return set_bool(v, c.allow_unauthenticated); }},
      {"auth.enabled", "false",
       "Ask everybody who they are: tokens (`livedata token create`), and what the section "
       "identities of the file says",
       [](Config& c, std::string_view v) { return set_bool(v, c.auth_enabled); }},
      {"auth.multi_tenant", "false",
       "Without authentication: let requests name their tenant by X-Scope-OrgID",
       [](Config& c, std::string_view v) { return set_bool(v, c.auth_multi_tenant); }},
      {"auth.jwks_file", "",
       "Key set (RFC 7517) whose owners' JSON Web Tokens are taken; empty: none are",
       [](Config& c, std::string_view v) { return set_text(v, c.auth_jwks_file); }},
      {"auth.jwt_issuer", "", "What their claim iss must be; empty: anything",
       [](Config& c, std::string_view v) { return set_text(v, c.auth_jwt_issuer); }},
      {"auth.jwt_audience", "", "What their claim aud must be or hold; empty: anything",
       [](Config& c, std::string_view v) { return set_text(v, c.auth_jwt_audience); }},
      {"auth.jwt_tenant_claim", "tenant_id", "The claim that names their tenant",
       [](Config& c, std::string_view v) { return set_text(v, c.auth_jwt_tenant_claim); }},
      {"auth.jwt_roles_claim", "roles", "The claim that lists their roles",
       [](Config& c, std::string_view v) { return set_text(v, c.auth_jwt_roles_claim); }},
      {"server.max_body_bytes", "16MiB", "Largest request body, as received",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.max_body_bytes); }},
      {"otlp.grpc_listen", "127.0.0.1:4317",
       "Address and port that take OTLP over gRPC; empty: none",
       [](Config& c, std::string_view v) { return set_text(v, c.otlp_grpc_listen); }},
      {"data.folder", "",
       "Where everything is stored; empty: /var/lib/livedata for root, else "
       "~/.local/share/livedata",
       [](Config& c, std::string_view v) -> Result<void> {
         c.data_folder = v;
         return {};
       }},
      {"collect.enabled", "true", "Collect this machine's metrics and logs",
       [](Config& c, std::string_view v) { return set_bool(v, c.collect); }},
      {"collect.journal_units", "",
       "Units whose journal entries are taken, as patterns such as 'sshd.service, docker*'; empty: "
       "all",
       [](Config& c, std::string_view v) { return set_text(v, c.journal_units); }},
      {"collect.journal_exclude_units", "", "Units whose journal entries are left out, likewise",
       [](Config& c, std::string_view v) { return set_text(v, c.journal_excluded_units); }},
      {"collect.journal_priority", "debug",
       "The least severe journal entries that are taken: emerg, alert, crit, err, warning, notice, "
       "info, debug, or 0 to 7",
       [](Config& c, std::string_view v) { return set_text(v, c.journal_priority); }},
      {"collect.journal_backlog", "1d", "How far back the journal is read at the first start",
       [](Config& c, std::string_view v) { return set_duration(v, c.journal_backlog); }},
      {"collect.files_backfill_bytes_per_second", "32MiB",
       "Pace at which log files that are there already are read; 0: no bound",
       [](Config& c, std::string_view v) {
         return set_bytes(v, c.files_backfill_bytes_per_second);
       }},
      {"collect.files_poll_interval", "10s",
       "How often every log file is looked at, beside what the kernel tells",
       [](Config& c, std::string_view v) -> Result<void> {
         LIVEDATA_RETURN_IF_ERROR(set_duration(v, c.files_poll_interval));
         if (c.files_poll_interval.count() == 0)
           return fail(ErrorCode::kInvalidArgument, "'{}' must be more than 0", v);
         return {};
       }},
      {"collect.cpu_budget", "0.01",
       "Share of one core's time that collecting host metrics may take; over it, what takes most "
       "is "
       "collected less often",
       [](Config& c, std::string_view v) { return set_share(v, c.collect_cpu_budget); }},
      {"collect.intervals", "",
       "How often host metrics are collected, by collector, where not as usual: a list such as "
       "process=10s, cgroup=off",
       [](Config& c, std::string_view v) { return set_text(v, c.collect_intervals); }},
      {"remotes.interval", "5s",
       "How often the metrics of machines that are watched over SSH are read",
       [](Config& c, std::string_view v) -> Result<void> {
         LIVEDATA_RETURN_IF_ERROR(set_duration(v, c.remotes_interval));
         if (c.remotes_interval.count() == 0)
           return fail(ErrorCode::kInvalidArgument, "'{}' must be more than 0", v);
         return {};
       }},
      {"remotes.backlog", "24h", "How far back the journal of a new one is read",
       [](Config& c, std::string_view v) { return set_duration(v, c.remotes_backlog); }},
      {"remotes.skew_threshold", "2s",
       "How far the clock of one may be off before times of its logs are corrected",
       [](Config& c, std::string_view v) { return set_duration(v, c.remotes_skew_threshold); }},
      {"remotes.ssh_command", "ssh", "The program that connects them",
       [](Config& c, std::string_view v) -> Result<void> {
         if (v.empty()) return fail(ErrorCode::kInvalidArgument, "it must not be empty");
         return set_text(v, c.remotes_ssh_command);
       }},
      {"wal.sync", "group",
       "When a write is acknowledged: group (safe against power loss), interval (may lose a "
       "second), off",
       [](Config& c, std::string_view v) -> Result<void> {
         if (v != "group" && v != "interval" && v != "off")
           return fail(ErrorCode::kInvalidArgument, "'{}' is not group, interval or off", v);
         c.wal_sync = v;
         return {};
       }},
      {"head.max_bytes", "64MiB", "Records in memory that trigger a flush into segments",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.head_bytes); }},
      {"head.max_bytes_of_all", "256MiB",
       "Records in memory of all tenants; above it the largest head is flushed",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.all_heads_bytes); }},
      {"head.max_wait", "20s",
       "How long a write waits for room in memory before it is refused (HTTP 429); 0: not at all",
       [](Config& c, std::string_view v) { return set_duration(v, c.head_max_wait); }},
      {"storage.metadata_cache_bytes", "64MiB",
       "Indexes and filters of segments that are kept in memory",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.metadata_cache_bytes); }},
      {"storage.block_cache_bytes", "32MiB",
       "Decoded blocks that selective queries read last, kept in memory for the next one",
       [](Config& c, std::string_view v) { return set_bytes(v, c.block_cache_bytes); }},
      {"storage.filter_false_positive_rate", "0.01",
       "How often a block's filter of field values lets a value through that is not there",
       [](Config& c, std::string_view v) { return set_share(v, c.filter_false_positive_rate); }},
      {"storage.scrub_interval", "7d",
       "How often every segment is read and checked in the background; 0: never",
       [](Config& c, std::string_view v) { return set_duration(v, c.scrub_interval); }},
      {"compaction.enabled", "true", "Merge segments in the background",
       [](Config& c, std::string_view v) { return set_bool(v, c.compact); }},
      {"compaction.bytes_per_second", "64MiB", "Pace of that, in raw text; 0: no bound",
       [](Config& c, std::string_view v) { return set_bytes(v, c.compaction_bytes_per_second); }},
      {"compaction.hot_codec", "zstd-1",
       "Compression of new segments: none, lz4, zstd-1 to zstd-22",
       [](Config& c, std::string_view v) { return set_text(v, c.hot_codec); }},
      {"compaction.warm_codec", "zstd-12", "Compression of segments from compaction.warm_age on",
       [](Config& c, std::string_view v) { return set_text(v, c.warm_codec); }},
      {"compaction.cold_codec", "zstd-19", "Compression of segments from compaction.cold_age on",
       [](Config& c, std::string_view v) { return set_text(v, c.cold_codec); }},
      {"compaction.warm_age", "24h", "Age of a day's end from which its segments are warm",
       [](Config& c, std::string_view v) { return set_duration(v, c.warm_age); }},
      {"compaction.cold_age", "30d", "Age of a day's end from which its segments are cold",
       [](Config& c, std::string_view v) { return set_duration(v, c.cold_age); }},
      {"archive.s3.endpoint", "",
       "Address of the server, such as https://s3.example.org:9000; empty: AWS of the region",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_endpoint); }},
      {"archive.s3.region", "us-east-1", "Region that requests are signed for",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_region); }},
      {"archive.s3.bucket", "", "Bucket of the archive; empty: it is not on S3",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_bucket); }},
      {"archive.s3.prefix", "",
       "What the keys of all objects begin with, without a slash at the end",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_prefix); }},
      {"archive.s3.path_style", "auto",
       "Whether the bucket stands in the path or in the host: true, false; auto: path, but for AWS",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_path_style); }},
      {"archive.s3.ca_file", "", "Certificates that are trusted in place of the system's",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_ca_file); }},
      {"archive.s3.access_key_id", "",
       "Access key; empty: of the environment, a file, the container or the instance",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_access_key_id); }},
      {"archive.s3.secret_access_key", "", "Secret of the access key",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_secret_access_key); }},
      {"archive.s3.profile", "", "Profile of the credentials file; empty: AWS_PROFILE, or default",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_profile); }},
      {"archive.s3.credentials_file", "",
       "Credentials file; empty: AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_credentials_file); }},
      {"archive.s3.part_bytes", "16MiB",
       "Size of a part of an upload, held in memory: 5MiB to 1GiB",
       [](Config& c, std::string_view v) {
         return set_positive_bytes(v, c.archive_s3_part_bytes);
       }},
      {"archive.s3.cache_folder", "",
       "Folder of what was read from the bucket; empty: cache/s3 below the data folder",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_s3_cache_folder); }},
      {"archive.s3.cache_bytes", "1GiB", "Most bytes in it; 0: nothing is kept",
       [](Config& c, std::string_view v) { return set_bytes(v, c.archive_s3_cache_bytes); }},
      {"deletion.cancel_period", "24h",
       "How long a delete request only hides records, and may be cancelled",
       [](Config& c, std::string_view v) { return set_duration(v, c.delete_cancel_period); }},
      {"sql.memory_bytes", "256MiB", "Memory that one SQL query may take",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.sql_memory_bytes); }},
      {"sql.threads", "0", "Threads of one SQL query; 0: as many as the machine has cores",
       [](Config& c, std::string_view v) { return set_count(v, c.sql_threads); }},
      {"sql.timeout", "1m", "How long an SQL query may take",
       [](Config& c, std::string_view v) { return set_duration(v, c.sql_timeout); }},
      {"sql.max_rows", "1000000", "Rows of the answer of an SQL query",
       [](Config& c, std::string_view v) { return set_positive_count(v, c.sql_max_rows); }},
      {"sql.max_running", "8", "SQL queries at the same time; more are answered 429",
       [](Config& c, std::string_view v) { return set_positive_count(v, c.sql_max_running); }},
      {"archive.enabled", "false",
       "Move days that are old enough into Parquet files; see archive.md",
       [](Config& c, std::string_view v) { return set_bool(v, c.archive); }},
      {"archive.folder", "", "Folder of the Parquet files; without it `archive` in the data folder",
       [](Config& c, std::string_view v) { return set_text(v, c.archive_folder); }},
      {"archive.after", "7d", "How long after its end (UTC) a day is archived",
       [](Config& c, std::string_view v) { return set_duration(v, c.archive_after); }},
      {"archive.quiet", "1h", "A day waits until nothing has come into it for so long",
       [](Config& c, std::string_view v) { return set_duration(v, c.archive_quiet); }},
      {"archive.keep_native", "0",
       "How long after a day's end its segments stay beside the archived files; 0: until archived",
       [](Config& c, std::string_view v) { return set_duration(v, c.archive_keep_native); }},
      {"archive.file_bytes", "256MiB", "About so large the Parquet files become",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.archive_file_bytes); }},
      {"retention.period", "30d", "How long records are kept; 0: for ever",
       [](Config& c, std::string_view v) { return set_duration(v, c.retention_period); }},
      {"retention.max_bytes", "0",
       "Most bytes of segments of a tenant, oldest go first; 0: no bound",
       [](Config& c, std::string_view v) { return set_bytes(v, c.retention_max_bytes); }},
      {"retention.grace_period", "1h",
       "How long expired records stay on disk, so that a mistake can be undone",
       [](Config& c, std::string_view v) { return set_duration(v, c.retention_grace_period); }},
      {"retention.rules", "", "List of rules for streams of their own, see below",
       [](Config& c, std::string_view v) { return set_lines(v, c.retention_rules); }},
      {"retention.disk_high", "0.95",
       "Share of the disk in use from which the oldest segments are given up",
       [](Config& c, std::string_view v) { return set_share(v, c.disk_high); }},
      {"retention.disk_low", "0.90", "Share of the disk in use at which that ends",
       [](Config& c, std::string_view v) { return set_share(v, c.disk_low); }},
      {"limits.ingest_records_per_second", "0",
       "Records that a tenant may add in the long run; 0: no bound",
       [](Config& c, std::string_view v) { return set_count(v, c.ingest_records_per_second); }},
      {"limits.ingest_burst_records", "0",
       "Records that it may add at once after a quiet time; 0: a second's worth",
       [](Config& c, std::string_view v) { return set_count(v, c.ingest_burst_records); }},
      {"limits.ingest_bytes_per_second", "0",
       "Bytes of lines that a tenant may add in the long run; 0: no bound",
       [](Config& c, std::string_view v) { return set_bytes(v, c.ingest_bytes_per_second); }},
      {"limits.ingest_burst_bytes", "0",
       "Bytes that it may add at once after a quiet time; 0: a second's worth",
       [](Config& c, std::string_view v) { return set_bytes(v, c.ingest_burst_bytes); }},
      {"limits.all_ingest_bytes_per_second", "0",
       "Bytes of lines that all tenants together may add; 0: no bound",
       [](Config& c, std::string_view v) { return set_bytes(v, c.all_ingest_bytes_per_second); }},
      {"limits.max_line_bytes", "256KiB", "Longest log line that is accepted",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.max_line_bytes); }},
      {"limits.line_too_long", "reject",
       "What becomes of a record with a longer line: reject, or truncate the line",
       [](Config& c, std::string_view v) -> Result<void> {
         if (v != "reject" && v != "truncate")
           return fail(ErrorCode::kInvalidArgument, "'{}' is not reject or truncate", v);
         c.truncate_lines = v == "truncate";
         return {};
       }},
      {"limits.max_label_names", "15", "Most labels of a stream",
       [](Config& c, std::string_view v) { return set_positive_count(v, c.max_label_names); }},
      {"limits.max_label_name_bytes", "1KiB", "Longest name of a label",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.max_label_name_bytes); }},
      {"limits.max_label_value_bytes", "2KiB", "Longest value of a label",
       [](Config& c, std::string_view v) {
         return set_positive_bytes(v, c.max_label_value_bytes);
       }},
      {"limits.max_label_values", "10000",
       "Values of one label within a day; further ones become fields. 0: no bound",
       [](Config& c, std::string_view v) { return set_count(v, c.max_label_values); }},
      {"limits.max_fields", "128", "Most fields (structured metadata) of a record",
       [](Config& c, std::string_view v) { return set_positive_count(v, c.max_fields); }},
      {"limits.max_fields_bytes", "64KiB", "Most bytes of them, names and values",
       [](Config& c, std::string_view v) { return set_positive_bytes(v, c.max_fields_bytes); }},
      {"limits.max_future", "10m", "How far a record's time may be ahead of the server's clock",
       [](Config& c, std::string_view v) { return set_duration(v, c.max_future); }},
      {"limits.max_age", "0", "Age from which records are not accepted; 0: any age is",
       [](Config& c, std::string_view v) { return set_duration(v, c.max_age); }},
      {"limits.max_records", "2000000", "Most records of one request",
       [](Config& c, std::string_view v) { return set_positive_count(v, c.max_records); }},
      {"limits.max_expanded_body_bytes", "128MiB", "Largest request body after decompression",
       [](Config& c, std::string_view v) {
         return set_positive_bytes(v, c.max_expanded_body_bytes);
       }},
      {"limits.max_expansion_ratio", "500",
       "How many times as large a body may become by decompression, if that is more than 4 MiB; 0: "
       "no bound",
       [](Config& c, std::string_view v) { return set_count(v, c.max_expansion_ratio); }},
      {"syslog.listen", "127.0.0.1:1514",
       "Address and port for syslog over UDP and TCP; empty: off",
       [](Config& c, std::string_view v) { return set_text(v, c.syslog_listen); }},
      {"syslog.tls_listen", "", "Address and port for syslog over TLS; empty: off",
       [](Config& c, std::string_view v) { return set_text(v, c.syslog_tls_listen); }},
      {"syslog.tls_certificate", "", "File with the certificate for that and its chain, PEM",
       [](Config& c, std::string_view v) { return set_text(v, c.syslog_tls_certificate); }},
      {"syslog.tls_key", "", "File with its private key, PEM",
       [](Config& c, std::string_view v) { return set_text(v, c.syslog_tls_key); }},
      {"syslog.tls_client_ca", "",
       "File with the authorities that must have signed the certificates of senders; empty: "
       "senders "
       "need none",
       [](Config& c, std::string_view v) { return set_text(v, c.syslog_tls_client_ca); }},
      {"syslog.max_connections", "1000",
       "Syslog connections at the same time, TCP and TLS together",
       [](Config& c, std::string_view v) { return set_count(v, c.syslog_max_connections); }},
      {"syslog.max_connections_per_address", "200", "Of these, from one address; 0: no bound",
       [](Config& c, std::string_view v) {
         return set_count(v, c.syslog_max_connections_per_address);
       }},
      {"syslog.idle_timeout", "1d",
       "Silence after which a syslog connection is closed; 0: never. Few senders notice, and the "
       "next "
       "message is lost, so it is long",
       [](Config& c, std::string_view v) { return set_duration(v, c.syslog_idle_timeout); }},
      {"forward.listen", "127.0.0.1:24224",
       "Address and port for the forward protocol of Fluentd, Fluent Bit and Docker; empty: off",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_listen); }},
      {"forward.tls_listen", "", "Address and port for the same over TLS; empty: off",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_tls_listen); }},
      {"forward.tls_certificate", "", "File with the certificate for that and its chain, PEM",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_tls_certificate); }},
      {"forward.tls_key", "", "File with its private key, PEM",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_tls_key); }},
      {"forward.tls_client_ca", "",
       "File with the authorities that must have signed the certificates of senders; empty: "
       "senders need none",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_tls_client_ca); }},
      {"forward.shared_key", "",
       "Secret that senders must prove to know, over TCP and TLS; empty: they need none",
       [](Config& c, std::string_view v) { return set_text(v, c.forward_shared_key); }},
      {"forward.max_connections", "1000",
       "Connections of the forward protocol at the same time, TCP and TLS together",
       [](Config& c, std::string_view v) { return set_count(v, c.forward_max_connections); }},
      {"forward.max_connections_per_address", "200", "Of these, from one address; 0: no bound",
       [](Config& c, std::string_view v) {
         return set_count(v, c.forward_max_connections_per_address);
       }},
      {"syslog.udp_memory_bytes", "32MiB", "Datagrams that wait in memory for the store",
       [](Config& c, std::string_view v) {
         return set_positive_bytes(v, c.syslog_udp_memory_bytes);
       }},
      {"syslog.udp_disk_bytes", "1GiB", "Datagrams that wait on disk when that is full; 0: none do",
       [](Config& c, std::string_view v) { return set_bytes(v, c.syslog_udp_disk_bytes); }},
      {"log.level", "info", "livedata's own log on standard error: debug, info, warn or error",
       [](Config& c, std::string_view v) -> Result<void> {
         LIVEDATA_TRY(c.log_level, parse_log_level(v));
         return {};
       }},
  };
  return kSettings;
}

}  // namespace livedata
