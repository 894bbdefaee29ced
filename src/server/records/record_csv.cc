#include "server/records/record_csv.h"

#include <array>

#include <fmt/format.h>

#include "archive/records/exact_record.h"
#include "base/bytes.h"
#include "base/time_format.h"
#include "base/utf8.h"
#include "encoding/base64.h"
#include "server/records/record_json.h"

namespace livedata::server::records {
namespace {

constexpr std::size_t kMaxRowBytes = 64_MiB;

void append_cell(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string_view csv_header() { return "time,service,line,labels,fields,exact\n"; }

void append_csv(const RecordBatch& batch, std::string& out) {
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    const Labels& labels = batch.stream(row).labels;
    out += format_rfc3339(batch.timestamps()[row]) + ',';
    append_cell(as_utf8(labels.get("service_name")), out);
    out += ',';
    append_cell(as_utf8(batch.line(row)), out);
    out += ',';
    append_cell(labels_json(labels), out);
    out += ',';
    if (const std::string fields = fields_json(batch, row); fields != "{}")
      append_cell(fields, out);
    out += ',';
    if (is_inexact(batch, row)) out += encoding::base64_encode(archive::encode_exact(batch, row));
    out += '\n';
  }
}

std::string_view CsvReader::cell(std::size_t column) const {
  return column < cells_.size() ? std::string_view(cells_[column]) : std::string_view();
}

Result<void> CsvReader::read_header() {
  const std::array<std::pair<std::string_view, std::size_t*>, 5> wanted = {{{"time", &time_},
                                                                            {"line", &line_},
                                                                            {"labels", &labels_},
                                                                            {"fields", &fields_},
                                                                            {"exact", &exact_}}};
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    for (const auto& [name, column] : wanted) {
      if (cells_[i] == name) *column = i;
    }
  }
  has_header_ = true;
  if (time_ != kNoColumn && line_ != kNoColumn) return {};
  return fail(ErrorCode::kInvalidArgument,
              "the first row names no columns `time` and `line`: only what livedata export has "
              "written can be read");
}

Result<void> CsvReader::end_row(RecordBatch& batch) {
  ++row_;
  Result<void> done;
  const bool is_empty = cells_.size() == 1 && cells_.front().empty();
  if (!has_header_) {
    done = read_header();
  } else if (!is_empty) {
    done = add_record({.time = cell(time_),
                       .labels = cell(labels_),
                       .line = cell(line_),
                       .fields = cell(fields_),
                       .exact = cell(exact_)},
                      batch);
  }
  cells_.assign(1, "");
  row_bytes_ = 0;
  state_ = State::kStart;
  if (done) return {};
  return fail(std::move(done).error().with_context(fmt::format("row {}", row_)));
}

Result<void> CsvReader::add(std::string_view bytes, RecordBatch& batch) {
  for (const char c : bytes) {
    if (++row_bytes_ > kMaxRowBytes) {
      return fail(ErrorCode::kTooLarge, "row {} has more than {} MiB", row_ + 1,
                  kMaxRowBytes >> 20U);
    }
    if (state_ == State::kQuoted) {
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        cells_.back() += c;
      }
      continue;
    }
    if (c == '"' && state_ != State::kPlain) {
      // Two quotes in a quoted cell are one quote.
      if (state_ == State::kQuoteInQuoted) cells_.back() += c;
      state_ = State::kQuoted;
    } else if (c == ',') {
      cells_.emplace_back();
      state_ = State::kStart;
    } else if (c == '\n') {
      LIVEDATA_RETURN_IF_ERROR(end_row(batch));
    } else if (c != '\r') {
      cells_.back() += c;
      state_ = State::kPlain;
    }
  }
  return {};
}

Result<void> CsvReader::finish(RecordBatch& batch) {
  if (state_ == State::kQuoted)
    return fail(ErrorCode::kInvalidArgument, "the file ends within row {}", row_ + 1);
  return row_bytes_ == 0 ? Result<void>() : end_row(batch);
}

}  // namespace livedata::server::records
