#include "query/plan/row.h"

#include <algorithm>

#include "model/service_name.h"

namespace livedata::query::plan {
namespace {

void sort_by_name(std::vector<Label>& labels) {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const Label& a, const Label& b) { return a.name < b.name; });
}

}  // namespace

std::string render_logfmt(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields) {
    if (!out.empty()) out += ' ';
    out.append(field.name).append("=");
    const std::string value = to_string(field.value);
    const bool plain =
        !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
          return c > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7F;
        });
    if (plain) {
      out += value;
      continue;
    }
    out += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out;
}

void Row::reset(const RecordBatch& batch, RowIndex row) {
  batch_ = &batch;
  row_ = row;
  rendered_.reset();
  parsed_.clear();
  hidden_.clear();
}

std::string_view Row::line() {
  const std::string_view line = batch_->line(row_);
  if (!line.empty() || !is_metric_stream(stream().labels)) return line;
  if (!rendered_) rendered_ = render_logfmt(batch_->fields(row_));
  return *rendered_;
}

bool Row::hidden(std::string_view name) const {
  return !hidden_.empty() && std::find(hidden_.begin(), hidden_.end(), name) != hidden_.end();
}

const std::string* Row::find_parsed(std::string_view name) const {
  const auto found = std::find_if(parsed_.begin(), parsed_.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == parsed_.end() ? nullptr : &found->second;
}

std::optional<FieldValue> Row::find(std::string_view name) const {
  if (hidden(name)) return std::nullopt;
  if (const std::string* value = find_parsed(name)) return std::string_view(*value);
  if (const std::string_view value = stream().labels.get(name); !value.empty()) return value;
  return batch_->field(row_, name);
}

void Row::add_parsed(std::string_view name, std::string_view value) {
  std::string final_name(name);
  if (stream().labels.has(name) || batch_->field(row_, name)) final_name += "_extracted";
  if (find_parsed(final_name) == nullptr) parsed_.emplace_back(std::move(final_name), value);
}

void Row::set_error(std::string_view kind, std::string_view details) {
  if (find_parsed(kErrorLabel) != nullptr) return;  // the first error is the telling one
  parsed_.emplace_back(kErrorLabel, kind);
  parsed_.emplace_back(kErrorDetailsLabel, details);
}

std::vector<Label> Row::stream_labels() const {
  std::vector<Label> out;
  for (const Label& label : stream().labels) {
    if (!hidden(label.name)) out.push_back(label);
  }
  return out;
}

std::vector<Label> Row::metadata() const {
  std::vector<Label> out;
  for (const Field& field : batch_->fields(row_)) {
    std::string name(field.name);
    if (stream().labels.has(name)) name += "_extracted";
    if (!hidden(name)) out.push_back({std::move(name), to_string(field.value)});
  }
  return out;
}

std::vector<Label> Row::parsed() const {
  std::vector<Label> out;
  for (const auto& [name, value] : parsed_) {
    if (!hidden(name)) out.push_back({name, value});
  }
  sort_by_name(out);
  return out;
}

std::vector<Label> Row::all_labels() const {
  std::vector<Label> out = stream_labels();
  for (Label& label : metadata()) out.push_back(std::move(label));
  for (Label& label : parsed()) out.push_back(std::move(label));
  return out;
}

}  // namespace livedata::query::plan
