#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/decoded.h"
#include "ingest/elastic/document.h"

namespace livedata::ingest::elastic {

enum class Action : std::uint8_t { kIndex, kCreate, kUpdate, kDelete };

/// The word of the wire: "index", "create", ...
std::string_view name(Action action);

/// What became of one action. Answers list all of them in their order.
struct BulkItem {
  Action action = Action::kIndex;
  std::uint32_t index = 0;                     ///< in Bulk::indices
  std::string id;                              ///< as given; empty: the server makes one up
  std::unique_ptr<const DocumentError> error;  ///< null: taken
};

struct Bulk {
  Decoded decoded;
  std::vector<std::string> indices;
  std::vector<BulkItem> items;
};

// What bounds the answer, which has an object for each action.
constexpr std::size_t kMaxBulkItems = 500'000;

/// Decodes the body of a bulk request: NDJSON, an action and then its document. `default_index` is
/// for actions that name none. kInvalidArgument: an action is malformed, so that nobody can tell
/// what the lines behind it are. kTooLarge: too many actions. Wrong documents are errors of their
/// items alone; so are updates and deletes, for records are never changed.
Result<Bulk> decode_bulk(std::string_view body, std::string_view default_index,
                         const DecodeContext& context);

/// The same for a request with one document as its body: a Bulk with one item.
Bulk decode_document(std::string_view body, Action action, std::string_view index,
                     std::string_view id, const DecodeContext& context);

}  // namespace livedata::ingest::elastic
