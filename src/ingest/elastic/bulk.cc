#include "ingest/elastic/bulk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "ingest/text_lines.h"
#include "ingest/values/json.h"

namespace livedata::ingest::elastic {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::array<std::string_view, 4> kActionNames = {"index", "create", "update", "delete"};

struct ActionLine {
  Action action = Action::kIndex;
  std::string index;  // empty: not named
  std::string id;
};

std::string text_of(yyjson_val* value) {
  if (value == nullptr || yyjson_is_null(value)) return {};
  return yyjson_is_str(value) ? std::string(json_string(value)) : json_text(value);
}

/// {"create":{"_index":"logs","_id":"1"}}
std::optional<ActionLine> parse_action(std::string_view line) {
  const auto document = parse_json(line);
  if (!document) return std::nullopt;
  yyjson_val* root = yyjson_doc_get_root(document->get());
  if (yyjson_obj_size(root) != 1) return std::nullopt;
  yyjson_obj_iter it = yyjson_obj_iter_with(root);
  yyjson_val* key = yyjson_obj_iter_next(&it);
  yyjson_val* target = yyjson_obj_iter_get_val(key);
  const auto* const found = std::find(kActionNames.begin(), kActionNames.end(), json_string(key));
  if (found == kActionNames.end() || !yyjson_is_obj(target)) return std::nullopt;
  ActionLine action;
  action.action = static_cast<Action>(found - kActionNames.begin());
  action.index = text_of(yyjson_obj_get(target, "_index"));
  action.id = text_of(yyjson_obj_get(target, "_id"));
  return action;
}

class BulkReader {
 public:
  BulkReader(std::string_view default_index, const DecodeContext& context)
      : default_index_(default_index), intake_(context), documents_(context, intake_) {}

  Result<Bulk> read(std::string_view body) {
    body_ = body;
    while (const auto line = next_line()) {
      if (is_blank(*line)) continue;
      if (bulk_.items.size() >= kMaxBulkItems) {
        return fail(ErrorCode::kTooLarge, "a bulk request may have {} actions; send smaller ones",
                    kMaxBulkItems);
      }
      LIVEDATA_RETURN_IF_ERROR(read_action(*line));
    }
    return take();
  }

  void add(const ActionLine& action, std::string_view source) {
    BulkItem& item = bulk_.items.emplace_back();
    item.action = action.action;
    item.id = action.id;
    item.index = ordinal(action.index.empty() ? default_index_ : action.index);
    std::optional<DocumentError> error;
    if (action.action == Action::kUpdate || action.action == Action::kDelete) {
      intake_.reject("unsupported_action", "records are written once");
      error = DocumentError{400, "illegal_argument_exception",
                            "only write ops with an op_type of create or index are allowed: "
                            "records are never changed"};
    } else {
      error = documents_.read(bulk_.indices[item.index], item.id, source);
    }
    if (error) item.error = std::make_unique<const DocumentError>(*std::move(error));
  }

  Bulk take() {
    bulk_.decoded = intake_.take();
    return std::move(bulk_);
  }

 private:
  std::optional<std::string_view> next_line() {
    if (body_.empty()) return std::nullopt;
    ++line_number_;
    const std::size_t end = std::min(body_.find('\n'), body_.size());
    std::string_view line = body_.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    body_.remove_prefix(std::min(end + 1, body_.size()));
    return line;
  }

  Result<void> read_action(std::string_view line) {
    // Most senders repeat the same action line before each document.
    if (line != last_line_) {
      auto action = parse_action(line);
      if (!action) {
        return fail(ErrorCode::kInvalidArgument,
                    "Malformed action/metadata line [{}], expected one of [create], [delete], "
                    "[index] or [update] with an object",
                    line_number_);
      }
      last_line_ = line;
      last_action_ = *std::move(action);
    }
    std::string_view source;
    if (last_action_.action != Action::kDelete) {
      const auto next = next_line();
      if (!next) {
        return fail(ErrorCode::kInvalidArgument,
                    "the action in line [{}] is the last one, and has no source", line_number_);
      }
      source = *next;
    }
    add(last_action_, source);
    return {};
  }

  std::uint32_t ordinal(std::string_view index) {
    const auto next = static_cast<std::uint32_t>(bulk_.indices.size());
    const auto [slot, is_new] = ordinals_.try_emplace(std::string(index), next);
    if (is_new) bulk_.indices.emplace_back(index);
    return slot->second;
  }

  std::string_view default_index_;
  RecordIntake intake_;
  DocumentReader documents_;
  Bulk bulk_;
  std::unordered_map<std::string, std::uint32_t> ordinals_;
  std::string_view body_;
  std::size_t line_number_ = 0;
  std::string_view last_line_;
  ActionLine last_action_;
};

}  // namespace

std::string_view name(Action action) { return kActionNames[static_cast<std::size_t>(action)]; }

Result<Bulk> decode_bulk(std::string_view body, std::string_view default_index,
                         const DecodeContext& context) {
  return BulkReader(default_index, context).read(body);
}

Bulk decode_document(std::string_view body, Action action, std::string_view index,
                     std::string_view id, const DecodeContext& context) {
  BulkReader reader(index, context);
  reader.add({action, std::string(index), std::string(id)}, body);
  return reader.take();
}

}  // namespace livedata::ingest::elastic
