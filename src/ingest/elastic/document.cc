#include "ingest/elastic/document.h"

#include <algorithm>

#include "ingest/json_time.h"
#include "ingest/values/json.h"
#include "model/service_name.h"

namespace livedata::ingest::elastic {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

struct LabelSource {
  std::string_view label;
  std::string_view path;
};

// The better source of a label first.
constexpr std::array kLabelSources = {
    LabelSource{kServiceNameLabel, "service.name"},
    LabelSource{kServiceNameLabel, "service_name"},
    LabelSource{kServiceNameLabel, "service"},
    LabelSource{"host", "host.name"},
    LabelSource{"host", "host.hostname"},
    LabelSource{"host", "host"},
    LabelSource{"container", "container.name"},
    LabelSource{"container", "kubernetes.container.name"},
    LabelSource{"container", "kubernetes.container_name"},
    LabelSource{"namespace", "kubernetes.namespace"},
    LabelSource{"namespace", "kubernetes.namespace_name"},
    LabelSource{"pod", "kubernetes.pod.name"},
    LabelSource{"pod", "kubernetes.pod_name"},
};

/// The text at a path, whose dots may divide objects or stand in names; "" if there is none.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the paths above
std::string_view text_at(yyjson_val* object, std::string_view path) {
  const std::string_view text = json_string(yyjson_obj_getn(object, path.data(), path.size()));
  std::size_t dot = text.empty() ? path.find('.') : std::string_view::npos;
  for (; dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    yyjson_val* const child = yyjson_obj_getn(object, path.data(), dot);
    if (!yyjson_is_obj(child)) continue;
    const std::string_view below = text_at(child, path.substr(dot + 1));
    if (!below.empty()) return below;
  }
  return text;
}

constexpr std::string_view kMalformed = "document_parsing_exception";

std::size_t position(const std::array<std::string_view, 3>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

DocumentError error_of(const RecordIntake::Refusal& refusal) {
  // The only refusal that does not come from the document: it may be sent again.
  if (refusal.reason == "too_many_records")
    return {429, "es_rejected_execution_exception", refusal.message};
  return {400, "illegal_argument_exception", refusal.message};
}

}  // namespace

DocumentReader::DocumentReader(const DecodeContext& context, RecordIntake& intake)
    : intake_(intake), streams_(intake), fields_(context.limits), next_arrival_(context.now) {}

std::optional<DocumentError> DocumentReader::read(std::string_view index, std::string_view id,
                                                  std::string_view source) {
  fields_.clear();
  const auto malformed = [this](const Error& error) {
    intake_.reject("invalid_record", error.message);
    return DocumentError{400, kMalformed, error.message};
  };
  const auto document = parse_json(source);
  if (!document) return malformed(document.error());
  yyjson_val* root = yyjson_doc_get_root(document->get());
  if (const auto read = read_members(root); !read) return malformed(read.error());
  const auto time = take_time();
  if (!time) return malformed(time.error());
  std::optional<std::string_view> line = take_line();
  read_labels(index, root);
  if (!id.empty()) fields_.add(Field{"_id", id});
  std::vector<Field>& fields = fields_.flatten();
  if (!fields_.fit()) {
    line.reset();
    fields.clear();
    if (!id.empty()) fields.push_back({"_id", id});
  }
  adapt(fields);
  if (!line) line = whole(source, root);
  if (intake_.add(streams_.find(labels_), *time, *line, fields)) return std::nullopt;
  return error_of(intake_.last_rejection());
}

std::string_view DocumentReader::whole(std::string_view source, yyjson_val* document) {
  const bool is_one_line = source.find('\n') == std::string_view::npos;
  return is_one_line ? source : fields_.keep(json_text(document));
}

Result<void> DocumentReader::read_members(yyjson_val* document) {
  if (!yyjson_is_obj(document))
    return fail(ErrorCode::kInvalidArgument, "a document must be a JSON object");
  times_ = {};
  lines_ = {};
  yyjson_obj_iter it = yyjson_obj_iter_with(document);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    yyjson_val* value = yyjson_obj_iter_get_val(key);
    const std::string_view name = json_string(key);
    if (const std::size_t i = position(kTimeNames, name); i < times_.size()) {
      times_[i] = value;
    } else if (const std::size_t j = position(kLineNames, name);
               j < lines_.size() && yyjson_is_str(value)) {
      lines_[j] = value;
    } else {
      fields_.add(name, value);
    }
  }
  return {};
}

Result<TimestampNs> DocumentReader::take_time() {
  std::optional<TimestampNs> time;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    yyjson_val* const value = times_[i];
    if (value == nullptr || yyjson_is_null(value)) continue;
    if (!time) {
      const auto parsed = time_of_json(value);
      if (!parsed && i == 0) {
        return fail(ErrorCode::kInvalidArgument, "failed to parse field [@timestamp]: {}",
                    parsed.error().message);
      }
      if (parsed) time = *parsed;
      if (parsed) continue;
    }
    // A field of the sender's own, which only is called like a time, or repeats it.
    fields_.add(kTimeNames[i], value);
  }
  // A nanosecond between records that carry no time keeps their order, and equal ones apart.
  return time ? *time : next_arrival_++;
}

std::optional<std::string_view> DocumentReader::take_line() {
  std::optional<std::string_view> line;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i] == nullptr) continue;
    if (line) {
      fields_.add(kLineNames[i], lines_[i]);
    } else {
      line = json_string(lines_[i]);
    }
  }
  return line;
}

void DocumentReader::read_labels(std::string_view index, yyjson_val* document) {
  labels_.clear();
  labels_.push_back({"index", index});
  for (const LabelSource& source : kLabelSources) {
    if (labels_.back().name == source.label) continue;
    const std::string_view value = text_at(document, source.path);
    if (!value.empty()) labels_.push_back({source.label, value});
  }
}

void DocumentReader::adapt(std::vector<Field>& fields) const {
  // What became a label is the same text of the document.
  const auto is_label = [this](const Field& field) {
    const auto* const text = std::get_if<std::string_view>(&field.value);
    return text != nullptr && !text->empty() &&
           std::any_of(labels_.begin(), labels_.end(), [&](const StreamCache::LabelView& label) {
             return label.value.data() == text->data();
           });
  };
  std::erase_if(fields, is_label);
  const auto is_level = [](const Field& field) { return field.name == "level"; };
  if (std::any_of(fields.begin(), fields.end(), is_level)) return;
  for (Field& field : fields) {
    if (field.name == "log_level") field.name = "level";
  }
}

}  // namespace livedata::ingest::elastic
