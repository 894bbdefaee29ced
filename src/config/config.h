#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/logger.h"
#include "base/result.h"

namespace livedata {

/// The effective configuration. Layers below app never see it: they get option structs made from
/// it.
struct Config {
  std::string listen = "127.0.0.1:3100";
  bool allow_unauthenticated = false;
  bool auth_enabled = false;
  bool auth_multi_tenant = false;
  std::string auth_jwks_file;  ///< empty: no JSON Web Tokens
  std::string auth_jwt_issuer;
  std::string auth_jwt_audience;
  std::string auth_jwt_tenant_claim;
  std::string auth_jwt_roles_claim;
  std::string otlp_grpc_listen;  ///< empty: off
  std::string data_folder;       ///< empty: the default folder of the user
  bool collect = true;
  double collect_cpu_budget = 0;
  std::string collect_intervals;  ///< such as "process=10s cgroup=off"
  std::chrono::nanoseconds remotes_interval{0};
  std::chrono::nanoseconds remotes_backlog{0};
  std::chrono::nanoseconds remotes_skew_threshold{0};
  std::string remotes_ssh_command;
  std::string wal_sync = "group";
  std::uint64_t sql_memory_bytes = 0;
  std::uint64_t sql_threads = 0;  ///< 0: as many as there are cores
  std::uint64_t sql_max_rows = 0;
  std::uint64_t sql_max_running = 0;
  std::chrono::nanoseconds sql_timeout{0};
  std::uint64_t head_bytes = 0;
  std::uint64_t all_heads_bytes = 0;
  std::chrono::nanoseconds head_max_wait{0};
  std::uint64_t metadata_cache_bytes = 0;
  std::uint64_t block_cache_bytes = 0;
  double filter_false_positive_rate = 0;
  bool compact = true;
  std::uint64_t compaction_bytes_per_second = 0;
  std::string hot_codec;
  std::string warm_codec;
  std::string cold_codec;
  std::chrono::nanoseconds scrub_interval{0};  ///< 0: never
  std::chrono::nanoseconds warm_age{0};
  std::chrono::nanoseconds cold_age{0};
  std::string archive_s3_endpoint;  ///< empty: AWS's of the region
  std::string archive_s3_region;
  std::string archive_s3_bucket;  ///< empty: the archive is not on S3
  std::string archive_s3_prefix;
  std::string archive_s3_path_style;
  std::string archive_s3_ca_file;
  std::string archive_s3_access_key_id;
  std::string archive_s3_secret_access_key;  ///< a secret
  std::string archive_s3_profile;
  std::string archive_s3_credentials_file;
  std::uint64_t archive_s3_part_bytes = 0;
  std::string archive_s3_cache_folder;       ///< empty: below the data folder
  std::uint64_t archive_s3_cache_bytes = 0;  ///< 0: nothing is kept
  std::chrono::nanoseconds delete_cancel_period{0};
  std::chrono::nanoseconds retention_period{0};  ///< 0: for ever
  std::uint64_t retention_max_bytes = 0;         ///< 0: no bound
  std::chrono::nanoseconds retention_grace_period{0};
  std::vector<std::string> retention_rules;
  bool archive = false;
  std::string archive_folder;  ///< empty: below the data folder
  std::chrono::nanoseconds archive_after{0};
  std::chrono::nanoseconds archive_keep_native{0};
  std::chrono::nanoseconds archive_quiet{0};
  std::uint64_t archive_file_bytes = 0;
  double disk_high = 0;
  double disk_low = 0;
  std::uint64_t max_line_bytes = 0;
  bool truncate_lines = false;
  std::uint64_t max_label_names = 0;
  std::uint64_t max_label_name_bytes = 0;
  std::uint64_t max_label_value_bytes = 0;
  std::uint64_t max_label_values = 0;  ///< 0: no bound
  std::uint64_t max_fields = 0;
  std::uint64_t max_fields_bytes = 0;
  std::chrono::nanoseconds max_future{0};
  std::chrono::nanoseconds max_age{0};  ///< 0: any age
  std::uint64_t max_records = 0;
  std::uint64_t max_body_bytes = 0;
  std::uint64_t ingest_records_per_second = 0;  ///< of one tenant; 0: no bound
  std::uint64_t ingest_burst_records = 0;
  std::uint64_t ingest_bytes_per_second = 0;  ///< of one tenant; 0: no bound
  std::uint64_t ingest_burst_bytes = 0;
  std::uint64_t all_ingest_bytes_per_second = 0;  ///< of all tenants; 0: no bound
  std::uint64_t max_expanded_body_bytes = 0;
  std::uint64_t max_expansion_ratio = 0;  ///< 0: no bound
  std::string syslog_listen;              ///< empty: off
  std::string syslog_tls_listen;          ///< empty: off
  std::string syslog_tls_certificate;
  std::string syslog_tls_key;
  std::string syslog_tls_client_ca;
  std::uint64_t syslog_max_connections = 0;
  std::uint64_t syslog_max_connections_per_address = 0;  ///< 0: no bound
  std::chrono::nanoseconds syslog_idle_timeout{0};       ///< 0: never
  std::string forward_listen;                            ///< empty: off
  std::string forward_tls_listen;                        ///< empty: off
  std::string forward_tls_certificate;
  std::string forward_tls_key;
  std::string forward_tls_client_ca;
  std::string forward_shared_key;  ///< a secret; empty: senders need none
  std::uint64_t forward_max_connections = 0;
  std::uint64_t forward_max_connections_per_address = 0;  ///< 0: no bound
  std::uint64_t syslog_udp_memory_bytes = 0;
  std::uint64_t syslog_udp_disk_bytes = 0;  ///< 0: memory only
  LogLevel log_level = LogLevel::kInfo;
  std::string journal_units;           ///< patterns; empty: all
  std::string journal_excluded_units;  ///< patterns
  std::string journal_priority;
  std::chrono::nanoseconds journal_backlog{0};
  std::uint64_t files_backfill_bytes_per_second = 0;  ///< 0: no bound
  std::chrono::nanoseconds files_poll_interval{0};
  std::vector<std::string> files;  ///< patterns of files to follow, from the command line
  /// The configuration file as it is, for its sections `collectors`, `files`, `identities` and
  /// `pipelines`; empty without one.
  std::string file_text;
  std::string file_name;

  bool operator==(const Config&) const = default;
};

/// One setting: the only place where its key, default, meaning and check stand. Its environment
/// variable is LIVEDATA_ and the key in capitals with '.' as '_'.
struct Setting {
  std::string_view key;
  std::string_view default_value;
  std::string_view help;
  Result<void> (*apply)(Config&, std::string_view value);

  [[nodiscard]] std::string environment_name() const;
};

const std::vector<Setting>& settings();

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Defaults, then the YAML file (if a path is given), then the environment, then the overrides (key
/// -> value, from flags). Errors name the file and key, the variable or the flag; an unknown key
/// comes with the nearest known one.
Result<Config> load_config(FileSystem& files, const std::optional<Path>& file,
                           const Environment& environment,
                           const std::map<std::string, std::string>& overrides);

}  // namespace livedata
