#include "query/sql/counted_memory.h"

#include <atomic>
#include <mutex>

#include "base/bytes.h"

namespace livedata::query::sql {
namespace {

using duckdb::Allocator;
using duckdb::data_ptr_t;
using duckdb::idx_t;
using duckdb::PrivateAllocatorData;

// What DuckDB needs to begin and to end a query, and to tell of an error.
constexpr std::size_t kBaseBytes = 64_MiB;
// Less is always given: code that takes little is not prepared to get nothing.
constexpr idx_t kSmallBytes = 2048;

struct Counters {
  std::atomic<std::size_t> in_use = 0;
  std::atomic<std::size_t> allowed = kBaseBytes;
};

/// Of the process, as DuckDB's allocator is.
Counters& counters() {
  static Counters all;
  return all;
}

/// Whether so many bytes more are allowed; if so they are counted.
bool take(idx_t bytes) {
  Counters& all = counters();
  const std::size_t before = all.in_use.fetch_add(bytes, std::memory_order_relaxed);
  if (bytes <= kSmallBytes || before + bytes <= all.allowed.load(std::memory_order_relaxed))
    return true;
  all.in_use.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

void give_back(idx_t bytes) { counters().in_use.fetch_sub(bytes, std::memory_order_relaxed); }

data_ptr_t allocate(PrivateAllocatorData* data, idx_t size) {
  return take(size) ? Allocator::DefaultAllocate(data, size) : nullptr;
}

void release(PrivateAllocatorData* data, data_ptr_t pointer, idx_t size) {
  Allocator::DefaultFree(data, pointer, size);
  give_back(size);
}

data_ptr_t reallocate(PrivateAllocatorData* data, data_ptr_t pointer, idx_t old_size, idx_t size) {
  if (size > old_size && !take(size - old_size)) return nullptr;
  const data_ptr_t moved = Allocator::DefaultReallocate(data, pointer, old_size, size);
  if (moved != nullptr && size < old_size) give_back(old_size - size);
  return moved;
}

/// What was allocated before belongs to the allocator before.
struct FormerAllocator : PrivateAllocatorData {
  duckdb::shared_ptr<Allocator> former;
};

void replace_allocator() {
  auto& current = Allocator::DefaultAllocatorReference();
  auto data = duckdb::make_uniq<FormerAllocator>();
  data->former = current;
  current = duckdb::make_shared_ptr<Allocator>(allocate, release, reallocate, std::move(data));
}

}  // namespace

std::shared_ptr<void> allow_memory(std::size_t bytes) {
  static std::once_flag once;
  std::call_once(once, replace_allocator);
  counters().allowed += bytes;
  return {&counters(), [bytes](void*) { counters().allowed -= bytes; }};
}

duckdb::unique_ptr<Allocator> counting_allocator() {
  return duckdb::make_uniq<Allocator>(allocate, release, reallocate, nullptr);
}

std::size_t counted_memory() { return counters().in_use; }

}  // namespace livedata::query::sql
