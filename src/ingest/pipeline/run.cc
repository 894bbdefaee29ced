#include "ingest/pipeline/run.h"

namespace livedata::ingest::pipeline {
namespace {

// Larger ones are given back when the next record wants less.
constexpr std::size_t kMaxKeptScratch = 1U << 20U;

}  // namespace

std::span<char> PipelineRun::scratch(std::size_t size) {
  if (next_scratch_ == scratch_.size()) scratch_.emplace_back();
  std::vector<char>& buffer = scratch_[next_scratch_++];
  if (buffer.size() > kMaxKeptScratch && size <= kMaxKeptScratch) buffer = {};
  if (buffer.size() < size) {
    buffer = {};
    buffer.resize(size);
  }
  return {buffer.data(), size};
}

std::string_view PipelineRun::problem_with(TimestampNs time) const {
  if (time > now_ + limits().max_future.count()) return "the time is too far in the future";
  if (limits().max_age.count() > 0 && time < now_ - limits().max_age.count())
    return "the time is older than what is accepted";
  return {};
}

}  // namespace livedata::ingest::pipeline
