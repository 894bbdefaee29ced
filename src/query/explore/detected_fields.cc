#include "query/explore/detected_fields.h"

#include <optional>

#include "query/plan/json_scanner.h"
#include "query/plan/line_parsers.h"
#include "query/plan/units.h"

namespace livedata::query::explore {
namespace {

constexpr std::size_t kMaxFields = 1000;
constexpr std::size_t kMaxValues = 1000;  // of one field
constexpr int kMaxDepth = 16;

FieldKind kind_of(std::string_view value) {
  if (value == "true" || value == "false") return FieldKind::kBoolean;
  const bool is_number = plan::parse_number(value).has_value();
  if (is_number && value.find_first_of(".eEnN") == std::string_view::npos) return FieldKind::kInt;
  if (is_number) return FieldKind::kFloat;
  if (plan::parse_duration_ns(value)) return FieldKind::kDuration;
  if (plan::parse_bytes(value)) return FieldKind::kBytes;
  return FieldKind::kString;
}

/// What fits both kinds.
FieldKind common(FieldKind a, FieldKind b) {
  if (a == b) return a;
  const bool numbers = (a == FieldKind::kInt || a == FieldKind::kFloat) &&
                       (b == FieldKind::kInt || b == FieldKind::kFloat);
  return numbers ? FieldKind::kFloat : FieldKind::kString;
}

class Detection {
 public:
  void add(const std::string& name, std::string_view value, std::string_view parser,
           const std::vector<std::string>& json_path = {}) {
    if (!fields_.contains(name) && fields_.size() >= kMaxFields) return;
    const auto [slot, is_new] = fields_.try_emplace(name);
    DetectedField& field = slot->second;
    field.kind = is_new ? kind_of(value) : common(field.kind, kind_of(value));
    if (field.values.size() < kMaxValues) field.values.emplace(value);
    if (!parser.empty()) field.parsers.emplace(parser);
    if (field.json_path.empty()) field.json_path = json_path;
  }

  void add_line(const LogRow& row) {
    if (row.line.find_first_not_of(" \t") != std::string::npos &&
        row.line[row.line.find_first_not_of(" \t")] == '{') {
      plan::JsonScanner scanner(row.line);
      std::vector<std::string> path;
      if (scanner.enter('{')) add_json(scanner, row, path);
      arena_.clear();
    } else {
      add_logfmt(row);
    }
  }

  std::map<std::string, DetectedField> take() { return std::move(fields_); }

 private:
  static std::string unclashed(const LogRow& row, std::string name) {
    if (row.stream->labels.has(name)) name += "_extracted";
    return name;
  }

  void add_json(plan::JsonScanner& scanner, const LogRow& row, std::vector<std::string>& path) {
    using Kind = plan::JsonScanner::Kind;
    plan::JsonScanner::Value item;
    while (scanner.next_key(item)) {
      path.emplace_back(plan::unescaped(item, arena_));
      Kind kind = Kind::kNull;
      if (!scanner.peek(kind)) return;
      if (kind == Kind::kObject && path.size() < kMaxDepth) {
        scanner.enter('{');
        add_json(scanner, row, path);
      } else if (!scanner.read(item)) {
        return;
      } else if (kind == Kind::kString || kind == Kind::kNumber || kind == Kind::kBool) {
        std::string name;
        for (const std::string& part : path)
          name += (name.empty() ? "" : "_") + sanitized_label_name(part);
        add(unclashed(row, std::move(name)),
            kind == Kind::kString ? plan::unescaped(item, arena_) : item.raw, "json", path);
      }
      path.pop_back();
      if (!scanner.error().empty()) return;
    }
  }

  void add_logfmt(const LogRow& row) {
    RecordBatch batch;
    batch.add(batch.add_stream(row.stream), row.timestamp, row.line);
    plan::Row parsed;
    parsed.reset(batch, 0);
    plan::parse_logfmt({}, parsed);
    for (const Label& label : parsed.parsed()) add(label.name, label.value, "logfmt");
  }

  std::map<std::string, DetectedField> fields_;
  TextArena arena_;
};

}  // namespace

std::string_view name(FieldKind kind) {
  switch (kind) {
    case FieldKind::kString:
      return "string";
    case FieldKind::kInt:
      return "int";
    case FieldKind::kFloat:
      return "float";
    case FieldKind::kBoolean:
      return "boolean";
    case FieldKind::kDuration:
      return "duration";
    case FieldKind::kBytes:
      return "bytes";
  }
  return "string";
}

std::map<std::string, DetectedField> detect_fields(const std::vector<LogRow>& rows) {
  Detection detection;
  for (const LogRow& row : rows) {
    for (const Label& label : row.metadata) detection.add(label.name, label.value, "");
    detection.add_line(row);
    for (const Label& label : row.parsed) {
      if (!label.name.starts_with("__error")) detection.add(label.name, label.value, "");
    }
  }
  return detection.take();
}

}  // namespace livedata::query::explore
