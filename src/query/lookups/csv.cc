#include "query/lookups/csv.h"

#include <algorithm>

namespace livedata::query::lookups {
namespace {

constexpr std::size_t kMaxColumns = 200;
constexpr std::size_t kMaxRows = 200'000;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  Result<std::vector<std::string>> next_row() {
    std::vector<std::string> cells;
    for (;;) {
      LIVEDATA_TRY(std::string cell, next_cell());
      cells.push_back(std::move(cell));
      if (cells.size() > kMaxColumns)
        return fail(ErrorCode::kInvalidArgument, "line {}: there are more than {} columns", line_,
                    kMaxColumns);
      if (rest_.starts_with(',')) {
        rest_.remove_prefix(1);
        continue;
      }
      if (rest_.starts_with('\r')) rest_.remove_prefix(1);
      if (rest_.starts_with('\n')) rest_.remove_prefix(1);
      ++line_;
      return cells;
    }
  }

 private:
  Result<std::string> next_cell() {
    std::string cell;
    if (!rest_.starts_with('"')) {
      const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
      cell = rest_.substr(0, end);
      rest_.remove_prefix(end);
      return cell;
    }
    const std::size_t first = line_;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\n') ++line_;
      if (rest_[i] != '"') {
        cell += rest_[i];
      } else if (i + 1 < rest_.size() && rest_[i + 1] == '"') {
        cell += rest_[i++];
      } else {
        rest_.remove_prefix(i + 1);
        if (!rest_.empty() && std::string_view(",\r\n").find(rest_[0]) == std::string_view::npos)
          return fail(ErrorCode::kInvalidArgument, "line {}: there is text behind the quotes",
                      line_);
        return cell;
      }
    }
    return fail(ErrorCode::kInvalidArgument, "line {}: the text in quotes has no end", first);
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

Result<CsvTable> parse_csv(std::string_view text) {
  Reader reader(text);
  CsvTable table;
  LIVEDATA_TRY(table.columns, reader.next_row());
  for (auto name = table.columns.begin(); name != table.columns.end(); ++name) {
    if (name->empty()) return fail(ErrorCode::kInvalidArgument, "line 1: a column has no name");
    if (std::find(table.columns.begin(), name, *name) != name)
      return fail(ErrorCode::kInvalidArgument, "line 1: there are two columns '{}'", *name);
  }
  while (!reader.at_end()) {
    const std::size_t line = reader.line();
    LIVEDATA_TRY(std::vector<std::string> cells, reader.next_row());
    if (cells.size() == 1 && cells.front().empty()) continue;
    if (cells.size() > table.columns.size())
      return fail(ErrorCode::kInvalidArgument, "line {}: there are {} cells for {} columns", line,
                  cells.size(), table.columns.size());
    cells.resize(table.columns.size());
    table.rows.push_back(std::move(cells));
    if (table.rows.size() > kMaxRows)
      return fail(ErrorCode::kTooLarge, "there are more than {} rows", kMaxRows);
  }
  return table;
}

}  // namespace livedata::query::lookups
