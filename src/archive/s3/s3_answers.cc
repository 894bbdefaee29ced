#include "archive/s3/s3_answers.h"

#include <charconv>

#include "archive/s3/xml.h"

namespace livedata::archive::s3 {
namespace {

constexpr std::size_t kMaxMessageBytes = 300;

Result<XmlElement> read_document(std::string_view body, std::string_view root) {
  LIVEDATA_TRY(XmlElement document, parse_xml(body));
  if (document.name == root) return document;
  return fail(ErrorCode::kInvalidArgument, "the answer is {} in place of {}", document.name, root);
}

template <class Number>
Result<Number> number(const XmlElement& element, std::string_view name) {
  const std::string_view text = element.child_text(name);
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return fail(ErrorCode::kInvalidArgument, "the answer has no {} that is a number", name);
}

}  // namespace

S3Error S3Error::of(std::string_view body) {
  auto document = parse_xml(body);
  if (!document || document->name != "Error") return {};
  S3Error error;
  error.code = document->child_text("Code").substr(0, 100);
  error.message = document->child_text("Message").substr(0, kMaxMessageBytes);
  error.region = document->child_text("Region").substr(0, 100);
  return error;
}

Result<ObjectPage> read_object_page(std::string_view body) {
  LIVEDATA_TRY(XmlElement document, read_document(body, "ListBucketResult"));
  ObjectPage page;
  for (const XmlElement& child : document.children) {
    if (child.name != "Contents") continue;
    LIVEDATA_TRY(const auto bytes, number<std::uint64_t>(child, "Size"));
    page.rows.push_back({std::string(child.child_text("Key")), bytes});
  }
  if (document.child_text("IsTruncated") != "true") return page;
  page.next_token = document.child_text("NextContinuationToken");
  if (!page.next_token.empty()) return page;
  return fail(ErrorCode::kInvalidArgument, "the list goes on, but the answer does not say where");
}

Result<UploadPage> read_upload_page(std::string_view body) {
  LIVEDATA_TRY(const XmlElement document, read_document(body, "ListMultipartUploadsResult"));
  UploadPage page;
  for (const XmlElement& child : document.children) {
    if (child.name != "Upload") continue;
    page.rows.push_back(
        {std::string(child.child_text("Key")), std::string(child.child_text("UploadId"))});
  }
  page.is_truncated = document.child_text("IsTruncated") == "true";
  page.next_key = document.child_text("NextKeyMarker");
  page.next_upload_id = document.child_text("NextUploadIdMarker");
  return page;
}

Result<PartPage> read_part_page(std::string_view body) {
  LIVEDATA_TRY(const XmlElement document, read_document(body, "ListPartsResult"));
  PartPage page;
  for (const XmlElement& child : document.children) {
    if (child.name != "Part") continue;
    PartPage::Row row;
    LIVEDATA_TRY(row.number, number<std::uint32_t>(child, "PartNumber"));
    LIVEDATA_TRY(row.bytes, number<std::uint64_t>(child, "Size"));
    row.etag = child.child_text("ETag");
    row.crc32c = child.child_text("ChecksumCRC32C");
    page.rows.push_back(std::move(row));
  }
  page.is_truncated = document.child_text("IsTruncated") == "true";
  page.next_number = document.child_text("NextPartNumberMarker");
  return page;
}

Result<std::string> read_upload_id(std::string_view body) {
  LIVEDATA_TRY(const XmlElement document, read_document(body, "InitiateMultipartUploadResult"));
  std::string id(document.child_text("UploadId"));
  if (!id.empty()) return id;
  return fail(ErrorCode::kInvalidArgument, "the answer has no UploadId");
}

}  // namespace livedata::archive::s3
