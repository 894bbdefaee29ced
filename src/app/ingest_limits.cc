#include "app/ingest_limits.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "ingest/pipeline/settings/options.h"

namespace livedata {
namespace {

using ingest::pipeline::Node;
using ingest::pipeline::Options;

constexpr std::size_t kMaxRecords = 100'000'000;
constexpr std::size_t kMaxBytes = 64_GiB;

tenant::Rate rate(std::size_t per_second, std::size_t burst) {
  return {.per_second = static_cast<double>(per_second), .burst = static_cast<double>(burst)};
}

tenant::IngestRates read_rates(Options& options, const Config& config) {
  const auto count = [&](std::string_view name, std::uint64_t otherwise) {
    return options.count(name, otherwise, 0, kMaxRecords);
  };
  const auto bytes = [&](std::string_view name, std::uint64_t otherwise) {
    return options.bytes(name, otherwise, 0, kMaxBytes);
  };
  return {.records = rate(count("ingest_records_per_second", config.ingest_records_per_second),
                          count("ingest_burst_records", config.ingest_burst_records)),
          .bytes = rate(bytes("ingest_bytes_per_second", config.ingest_bytes_per_second),
                        bytes("ingest_burst_bytes", config.ingest_burst_bytes))};
}

}  // namespace

Result<tenant::IngestLimits> ingest_limits(const Config& config) {
  tenant::IngestLimits out;
  out.all.bytes = rate(config.all_ingest_bytes_per_second, 0);
  out.of_tenant = {.records = rate(config.ingest_records_per_second, config.ingest_burst_records),
                   .bytes = rate(config.ingest_bytes_per_second, config.ingest_burst_bytes)};
  LIVEDATA_TRY(const Node section,
               ingest::pipeline::read_section(config.file_text, config.file_name, "tenants"));
  const ingest::pipeline::Scope scope{.file_name = config.file_name, .what = "tenants"};
  if (section.kind != Node::Kind::kMap && section.kind != Node::Kind::kNull)
    return scope.wrong(section, "'tenants' is a map of tenants and their limits");
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    auto id = TenantId::parse(section.keys[i].text);
    if (!id) return scope.wrong(section.keys[i], id.error().message);
    Options options(section.items[i], {.file_name = config.file_name,
                                       .what = fmt::format("tenant '{}'", id->text())});
    const tenant::IngestRates rates = read_rates(options, config);
    LIVEDATA_RETURN_IF_ERROR(options.finish());
    out.of_tenants.insert_or_assign(*std::move(id), rates);
  }
  return out;
}

}  // namespace livedata
