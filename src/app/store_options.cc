#include "app/store_options.h"

#include <charconv>

#include "app/application.h"
#include "query/logql/engine.h"
#include "query/plan/units.h"

namespace livedata {
namespace {

Result<void> set_codec(std::string_view key, const std::string& text,
                       storage::TierOptions& options) {
  auto codec = encoding::TextCodec::parse(text);
  if (!codec) return fail(std::move(codec).error().with_context(key));
  options.codec = *codec;
  return {};
}

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a number", text);
  return number;
}

/// One word behind the selector, such as age=24h.
Result<void> apply_word(std::string_view word, storage::RetentionRule& rule) {
  if (word == "hold") {
    rule.hold = true;
    return {};
  }
  const std::size_t equals = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = word.substr(std::min(equals + 1, word.size()));
  if (name == "age") {
    const auto age = query::plan::parse_duration_ns(value);
    if (!age && value != "forever")
      return fail(ErrorCode::kInvalidArgument, "'{}' is not a time such as 24h or 30d", value);
    rule.max_age = std::chrono::nanoseconds(age ? static_cast<std::int64_t>(*age) : 0);
  } else if (name == "bytes") {
    const auto bytes = query::plan::parse_bytes(value);
    if (!bytes || !(*bytes >= 1))
      return fail(ErrorCode::kInvalidArgument, "'{}' is not a size such as 10GiB", value);
    rule.max_bytes = static_cast<std::uint64_t>(*bytes);
  } else if (name == "records") {
    LIVEDATA_TRY(rule.max_records, parse_count(value));
  } else if (name == "priority") {
    LIVEDATA_TRY(const std::uint64_t priority, parse_count(value));
    rule.priority = static_cast<int>(std::min<std::uint64_t>(priority, 1'000'000));
  } else {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is unknown; a rule has age=, bytes=, records=, priority= and hold", word);
  }
  return {};
}

storage::WalSync wal_sync(const std::string& text) {
  if (text == "interval") return storage::WalSync::kInterval;
  return text == "off" ? storage::WalSync::kOff : storage::WalSync::kGroup;
}

Result<storage::RetentionOptions> retention_options(const Config& config) {
  storage::RetentionOptions options;
  options.max_age = config.retention_period;
  options.max_bytes = config.retention_max_bytes;
  options.grace_period = config.retention_grace_period;
  options.disk_high = config.disk_high;
  options.disk_low = config.disk_low;
  if (options.disk_low > options.disk_high)
    return fail(ErrorCode::kInvalidArgument, "retention.disk_low is above retention.disk_high");
  for (const std::string& text : config.retention_rules) {
    auto rule = parse_retention_rule(text);
    if (!rule) return fail(std::move(rule).error().with_context("retention.rules"));
    options.rules.push_back(*std::move(rule));
  }
  return options;
}

}  // namespace

Result<storage::RetentionRule> parse_retention_rule(std::string_view text) {
  const std::size_t brace = text.rfind('}');
  if (brace == std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "the rule '{}' must begin with a selector such as {{app=\"debug\"}}", text);
  }
  storage::RetentionRule rule;
  rule.id = text;
  LIVEDATA_TRY(rule.matchers, query::logql::parse_selector(text.substr(0, brace + 1)));
  std::string_view rest = text.substr(brace + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0) {
      if (auto applied = apply_word(rest.substr(0, end), rule); !applied)
        return fail(std::move(applied).error().with_context(text));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return rule;
}

Result<storage::StoreOptions> store_options(const Config& config) {
  storage::StoreOptions options;
  options.data_folder = config.data_folder.empty() ? default_data_folder() : config.data_folder;
  options.wal_sync = wal_sync(config.wal_sync);
  options.head_bytes = config.head_bytes;
  options.all_heads_bytes = config.all_heads_bytes;
  options.max_append_wait = config.head_max_wait;
  options.metadata_cache_bytes = config.metadata_cache_bytes;
  options.block_cache_bytes = config.block_cache_bytes;
  options.filter_false_positive_rate = config.filter_false_positive_rate;
  options.scrub_interval = config.scrub_interval;
  options.compact_in_background = config.compact;
  options.compaction_bytes_per_second = config.compaction_bytes_per_second;
  auto& tiers = options.compaction.tiers;
  LIVEDATA_RETURN_IF_ERROR(set_codec("compaction.hot_codec", config.hot_codec, tiers[0]));
  LIVEDATA_RETURN_IF_ERROR(set_codec("compaction.warm_codec", config.warm_codec, tiers[1]));
  LIVEDATA_RETURN_IF_ERROR(set_codec("compaction.cold_codec", config.cold_codec, tiers[2]));
  tiers[1].age = config.warm_age;
  tiers[2].age = config.cold_age;
  options.compaction.cancel_period = config.delete_cancel_period;
  LIVEDATA_TRY(options.retention, retention_options(config));
  return options;
}

}  // namespace livedata
