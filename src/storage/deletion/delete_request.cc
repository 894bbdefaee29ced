#include "storage/deletion/delete_request.h"

#include <algorithm>

#include <re2/re2.h>

namespace livedata::storage {

Result<LineCondition> LineCondition::make(Op op, std::string text) {
  std::shared_ptr<const re2::RE2> regex;
  if (op == Op::kMatches || op == Op::kMatchesNot) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);  // lines are bytes
    regex = std::make_shared<const re2::RE2>(text, options);
    if (!regex->ok())
      return fail(ErrorCode::kInvalidArgument, "regex '{}': {}", text, regex->error());
  }
  return LineCondition(op, std::move(text), std::move(regex));
}

bool LineCondition::accepts(std::string_view line) const {
  switch (op_) {
    case Op::kContains:
      return line.find(text_) != std::string_view::npos;
    case Op::kContainsNot:
      return line.find(text_) == std::string_view::npos;
    case Op::kMatches:
      return re2::RE2::PartialMatch(line, *regex_);
    case Op::kMatchesNot:
      return !re2::RE2::PartialMatch(line, *regex_);
  }
  return false;
}

bool DeleteRequest::matches_line(std::string_view line) const {
  return std::all_of(lines.begin(), lines.end(),
                     [&](const LineCondition& condition) { return condition.accepts(line); });
}

std::uint64_t horizon_of_wal_file(const std::vector<DeleteRequest>& requests,
                                  std::uint64_t wal_file) {
  std::uint64_t horizon = 0;
  for (const DeleteRequest& request : requests) {
    if (request.wal_file <= wal_file) horizon = std::max(horizon, request.id);
  }
  return horizon;
}

void encode_delete_request(const DeleteRequest& request, encoding::ByteWriter& out) {
  out.varint(request.id);
  out.signed_varint(request.created);
  out.signed_varint(request.range.start);
  out.signed_varint(request.range.end);
  out.varint(request.matchers.size());
  for (const LabelMatcher& matcher : request.matchers) {
    out.string(matcher.name());
    out.u8(static_cast<std::uint8_t>(matcher.op()));
    out.string(matcher.value());
  }
  out.varint(request.lines.size());
  for (const LineCondition& line : request.lines) {
    out.u8(static_cast<std::uint8_t>(line.op()));
    out.string(line.text());
  }
  out.string(request.query);
  out.varint(request.wal_file);
}

Result<DeleteRequest> decode_delete_request(encoding::ByteReader& in) {
  const auto corrupt = [] { return fail(ErrorCode::kCorrupt, "damaged delete request"); };
  DeleteRequest request;
  request.id = in.varint();
  request.created = in.signed_varint();
  request.range.start = in.signed_varint();
  request.range.end = in.signed_varint();
  for (std::size_t n = in.count(3); n > 0; --n) {
    std::string name(in.string());
    const std::uint8_t op = in.u8();
    std::string value(in.string());
    if (!in.ok() || op > static_cast<std::uint8_t>(MatchOp::kNotRegex)) return corrupt();
    LIVEDATA_TRY(LabelMatcher matcher,
                 LabelMatcher::make(std::move(name), static_cast<MatchOp>(op), std::move(value)));
    request.matchers.push_back(std::move(matcher));
  }
  for (std::size_t n = in.count(2); n > 0; --n) {
    const std::uint8_t op = in.u8();
    std::string text(in.string());
    if (!in.ok() || op > static_cast<std::uint8_t>(LineCondition::Op::kMatchesNot))
      return corrupt();
    LIVEDATA_TRY(LineCondition line,
                 LineCondition::make(static_cast<LineCondition::Op>(op), std::move(text)));
    request.lines.push_back(std::move(line));
  }
  request.query = in.string();
  request.wal_file = in.varint();
  if (!in.ok()) return corrupt();
  return request;
}

}  // namespace livedata::storage
