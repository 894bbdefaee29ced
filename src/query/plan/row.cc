#include "query/plan/row.h"

#include <algorithm>

#include "model/service_name.h"

namespace livedata::query::plan {
namespace {

constexpr std::string_view kClashSuffix = "_extracted";

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
  line_.reset();
  entries_.clear();
  removed_.clear();
  error_ = {};
  error_details_ = {};
  arena_.clear();
}

std::string_view Row::line() {
  if (line_) return *line_;
  const std::string_view line = batch_->line(row_);
  if (!line.empty() || !is_metric_stream(stream().labels)) return line;
  line_ = arena_.keep(render_logfmt(batch_->fields(row_)));
  return *line_;
}

bool Row::is_removed(std::string_view name) const {
  return !removed_.empty() && std::find(removed_.begin(), removed_.end(), name) != removed_.end();
}

const Row::Entry* Row::find_entry(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

Row::Entry* Row::find_entry(std::string_view name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<FieldValue> Row::find(std::string_view name) const {
  if (const Entry* entry = find_entry(name)) return entry->value;
  if (!error_.empty() && name == kErrorLabel) return error_;
  if (!error_details_.empty() && name == kErrorDetailsLabel) return error_details_;
  return is_removed(name) ? std::nullopt : own_value(name);
}

/// A field whose name is a label's of the stream is called name_extracted.
std::optional<FieldValue> Row::own_field(std::string_view name) const {
  if (auto value = batch_->field(row_, name)) return value;
  if (!name.ends_with(kClashSuffix)) return std::nullopt;
  const std::string_view original = name.substr(0, name.size() - kClashSuffix.size());
  return stream().labels.has(original) ? batch_->field(row_, original) : std::nullopt;
}

std::optional<FieldValue> Row::own_value(std::string_view name) const {
  if (const std::string_view value = stream().labels.get(name); !value.empty()) return value;
  return own_field(name);
}

bool Row::is_own_label(std::string_view name) const { return own_value(name).has_value(); }

std::optional<Row::Category> Row::category_of(std::string_view name) const {
  if (const Entry* entry = find_entry(name)) return entry->category;
  if (is_removed(name)) return std::nullopt;
  if (stream().labels.has(name)) return Category::kStream;
  if (own_field(name)) return Category::kMetadata;
  return std::nullopt;
}

std::string_view Row::unclashed(std::string_view name) {
  if (!is_own_label(name)) return name;
  return arena_.keep(std::string(name).append(kClashSuffix));
}

void Row::add_parsed(std::string_view name, std::string_view value) {
  if (wanted_ != nullptr && !wanted_->contains(name)) return;
  const std::string_view original = name;
  name = unclashed(name);
  if (name.data() != original.data() && is_own_label(name)) return;  // a field has that name
  if (find_entry(name) == nullptr) entries_.push_back({name, value, Category::kParsed});
}

void Row::set_parsed(std::string_view name, std::string_view value) {
  if (wanted_ != nullptr && !wanted_->contains(name)) return;
  name = unclashed(name);
  if (Entry* entry = find_entry(name)) {
    *entry = {name, value, Category::kParsed};
  } else {
    entries_.push_back({name, value, Category::kParsed});
  }
}

void Row::set(Category category, std::string_view name, std::string_view value) {
  const std::string_view kept = arena_.keep(value);
  if (Entry* entry = find_entry(name)) {
    *entry = {entry->name, kept, category};
    return;
  }
  name = arena_.keep(name);
  entries_.push_back({name, kept, category});
  if (!is_removed(name) && is_own_label(name)) removed_.push_back(name);
}

void Row::remove(std::string_view name) {
  if (name == kErrorLabel) error_ = {};
  if (name == kErrorDetailsLabel) error_details_ = {};
  std::erase_if(entries_, [&](const Entry& entry) { return entry.name == name; });
  if (!is_removed(name) && is_own_label(name)) removed_.push_back(arena_.keep(name));
}

void Row::set_error(std::string_view kind, std::string_view details) {
  if (!error_.empty()) return;  // the first error is the telling one
  error_ = arena_.keep(kind);
  error_details_ = arena_.keep(details);
}

bool Row::changes_stream() const {
  if (std::any_of(entries_.begin(), entries_.end(),
                  [](const Entry& e) { return e.category == Category::kStream; }))
    return true;
  return std::any_of(removed_.begin(), removed_.end(),
                     [&](std::string_view name) { return stream().labels.has(name); });
}

void Row::append_entries(Category category, std::vector<Label>& out) const {
  for (const Entry& entry : entries_) {
    if (entry.category == category)
      out.push_back({std::string(entry.name), std::string(entry.value)});
  }
}

std::vector<Label> Row::stream_labels() const {
  std::vector<Label> out;
  for (const Label& label : stream().labels) {
    if (!is_removed(label.name)) out.push_back(label);
  }
  append_entries(Category::kStream, out);
  sort_by_name(out);
  return out;
}

std::vector<Label> Row::metadata() const {
  std::vector<Label> out;
  for (const Field& field : batch_->fields(row_)) {
    std::string name(field.name);
    if (stream().labels.has(name)) name += kClashSuffix;
    if (!is_removed(name)) out.push_back({std::move(name), to_string(field.value)});
  }
  append_entries(Category::kMetadata, out);
  sort_by_name(out);
  return out;
}

std::vector<Label> Row::parsed() const {
  std::vector<Label> out;
  append_entries(Category::kParsed, out);
  if (!error_.empty()) out.push_back({std::string(kErrorLabel), std::string(error_)});
  if (!error_details_.empty())
    out.push_back({std::string(kErrorDetailsLabel), std::string(error_details_)});
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
