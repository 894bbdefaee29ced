#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/pipeline/settings/options.h"
#include "model/record_batch.h"

namespace livedata::ingest::pipeline {

/// What a text is made into. One that is no such value stays a text.
enum class ValueType : std::uint8_t { kText, kInteger, kNumber, kBool };

/// "string", "int", "float" or "bool".
std::optional<ValueType> value_type(std::string_view name);

/// The text as a value of the type, or as it is.
FieldValue typed(std::string_view text, ValueType type);

/// The option `types: {status: int}` of stages that read texts.
class FieldTypes {
 public:
  explicit FieldTypes(Options& options);
  /// kText for fields that are not named.
  [[nodiscard]] ValueType of(std::string_view field) const;

 private:
  std::vector<std::pair<std::string, ValueType>> types_;
};

}  // namespace livedata::ingest::pipeline
