#include "query/sql/engine.h"

#include <algorithm>
#include <thread>

#include "base/utf8.h"
#include "query/sql/query_run.h"

namespace livedata::query::sql {
namespace {

constexpr std::size_t kSlackBytes = 512_MiB;

EngineLimits with_threads(EngineLimits limits) {
  if (limits.threads == 0) limits.threads = std::max(1U, std::thread::hardware_concurrency());
  return limits;
}

/// One of a number of places, which is given back when it goes; null: all are taken.
std::shared_ptr<void> take_place(const std::shared_ptr<std::atomic<std::size_t>>& taken,
                                 std::size_t places) {
  if (taken->fetch_add(1) >= places) {
    --*taken;
    return nullptr;
  }
  return {taken.get(), [taken](void*) { --*taken; }};
}

}  // namespace

Engine::Engine(const storage::Store& store, const EngineLimits& limits)
    : store_(store),
      limits_(with_threads(limits)),
      watch_(std::make_unique<QueryWatch>(limits.memory_bytes, kSlackBytes)),
      running_(std::make_shared<std::atomic<std::size_t>>(0)) {}

Engine::~Engine() = default;

Outcome<std::unique_ptr<AnswerStream>> Engine::run(const TenantScope& scope, const Query& query,
                                                   const Deadline& deadline) const {
  if (!query.is_generated && query.text.size() > limits_.max_text_bytes) {
    return tl::unexpected(
        QueryError{{ErrorCode::kTooLarge,
                    fmt::format("the query is longer than {} bytes", limits_.max_text_bytes)}});
  }
  const auto is_bad = [](const auto& parameter) {
    const auto* text = std::get_if<std::string>(&parameter.second);
    return !is_utf8(parameter.first) || (text != nullptr && !is_utf8(*text));
  };
  if (!is_utf8(query.text) || std::any_of(query.parameters.begin(), query.parameters.end(), is_bad))
    return tl::unexpected(QueryError{{ErrorCode::kInvalidArgument, "the query is not UTF-8"}});
  auto place = take_place(running_, limits_.max_running);
  if (place == nullptr) {
    return tl::unexpected(QueryError{
        {ErrorCode::kResourceExhausted,
         fmt::format("{} SQL queries are running already; try again", limits_.max_running)}});
  }
  auto run = std::make_unique<QueryRun>(store_, scope, query, limits_, deadline, std::move(place));
  if (auto begun = run->begin(*watch_); !begun) return tl::unexpected(std::move(begun).error());
  return run;
}

std::vector<Table> Engine::tables(const TenantScope& scope) const {
  return make_tables(store_.columns(scope.tenant));
}

}  // namespace livedata::query::sql
