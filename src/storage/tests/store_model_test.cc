// Random operations on a store, held against plain sets in memory. LIVEDATA_MODEL_OPERATIONS and
// LIVEDATA_MODEL_SEED make longer and other runs.
#include "storage/tests/store_model.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Each model is a store of its own, so that a long run does not drown in its own records.
constexpr std::uint64_t kOperationsPerModel = 1000;

TEST(StoreModelTest, RandomOperationsAgreeWithTheModel) {
  const std::uint64_t operations = number_from("LIVEDATA_MODEL_OPERATIONS", 4000);
  const std::uint64_t first_seed = number_from("LIVEDATA_MODEL_SEED", 1);
  for (std::uint64_t done = 0; done < operations; done += kOperationsPerModel) {
    const std::uint64_t seed = first_seed + done / kOperationsPerModel;
    StoreModel model(seed);
    for (std::uint64_t i = 0; i < kOperationsPerModel && !HasFatalFailure(); ++i) {
      model.step();
      if (i % 50 == 49) model.check_everything();
    }
    if (HasFatalFailure()) {
      std::string history;
      for (const std::string& action : model.history()) history += action + ", ";
      FAIL() << "seed " << seed << "; before: " << history;
    }
  }
}

}  // namespace
}  // namespace livedata::storage
