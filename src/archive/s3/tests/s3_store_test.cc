#include "archive/s3/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/s3/digests.h"
#include "archive/s3/multipart_upload.h"
#include "archive/s3/tests/s3_fixture.h"

namespace livedata::archive::s3 {
namespace {

using testing::HasSubstr;

constexpr std::size_t kPart = std::size_t{5} << 20U;

class S3StoreTest : public S3Fixture {
 protected:
  S3StoreTest() {
    options_.part_bytes = kPart;
    for (const char c : {'a', 'b', 'c'}) content_ += std::string(c == 'c' ? 10 : kPart, c);
  }
  void write_file() { ASSERT_TRUE(write_atomically(*files_, "/d/file", content_)); }
  [[nodiscard]] std::string etag(std::size_t part) const {
    return "\"" + hex(md5(std::string_view(content_).substr(part * kPart, kPart))) + "\"";
  }
  void add_uploads(const std::vector<std::string>& ids) {
    std::string body = "<ListMultipartUploadsResult>";
    for (const std::string& id : ids)
      body += fmt::format("<Upload><Key>pre/fix/k</Key><UploadId>{}</UploadId></Upload>", id);
    body += "<Upload><Key>pre/fix/k2</Key><UploadId>other</UploadId></Upload>";
    transport_.add(200, body + "</ListMultipartUploadsResult>");
  }
  void add_part_list(const std::vector<std::pair<int, std::string>>& parts, std::size_t bytes) {
    std::string body = "<ListPartsResult>";
    for (const auto& [number, tag] : parts)
      body += fmt::format("<Part><PartNumber>{}</PartNumber><Size>{}</Size><ETag>{}</ETag></Part>",
                          number, bytes, tag);
    transport_.add(200, body + "</ListPartsResult>");
  }
  std::vector<std::string> asked() {
    std::vector<std::string> lines;
    for (const auto& seen : transport_.seen)
      lines.push_back(seen.method + " " +
                      seen.url.substr(std::string("http://s3.test:9000").size()));
    return lines;
  }

  std::string content_;
};

TEST_F(S3StoreTest, PutsInOneRequestWithChecksums) {
  transport_.add(200);
  ASSERT_TRUE(store()->put("k", "123456789", forever_));
  ASSERT_EQ(transport_.seen.size(), 1U);
  const auto& seen = transport_.seen[0];
  EXPECT_EQ(seen.body, "123456789");
  EXPECT_EQ(seen.header("Content-MD5"), "JfnnlDI7RTiF9RgfG2JNCw==");
  EXPECT_EQ(seen.header("x-amz-checksum-crc32c"), "4waSgw==");
  EXPECT_EQ(seen.header("x-amz-content-sha256"), hex(sha256("123456789")));
  EXPECT_FALSE(store()->put("../k", "", forever_));
}

TEST_F(S3StoreTest, AWholeObjectIsHeldAgainstItsChecksum) {
  transport_.add(200, "123456789", {{"x-amz-checksum-crc32c", "4waSgw=="}});
  EXPECT_TRUE(store()->get("k", 100, forever_));
  transport_.add(200, "123456780", {{"x-amz-checksum-crc32c", "4waSgw=="}});
  EXPECT_EQ(store()->get("k", 100, forever_).error().code, ErrorCode::kCorrupt);
  transport_.add(200, "123456780", {{"x-amz-checksum-crc32c", "4waSgw==-2"}});
  EXPECT_TRUE(store()->get("k", 100, forever_));
}

TEST_F(S3StoreTest, ReadsRanges) {
  std::string target(4, '\0');
  const auto made = store();
  transport_.add(206, "3456", {{"content-range", "bytes 3-6/10"}});
  EXPECT_EQ(*made->read("k", 3, target, forever_), 4U);
  EXPECT_EQ(target, "3456");
  EXPECT_EQ(transport_.seen[0].header("Range"), "bytes=3-6");
  transport_.add(206, "89", {{"content-range", "bytes 8-9/10"}});
  EXPECT_EQ(*made->read("k", 8, target, forever_), 2U);
  transport_.add_error(416, "InvalidRange");
  EXPECT_EQ(*made->read("k", 10, target, forever_), 0U);
  transport_.add(200, "12");
  EXPECT_EQ(*made->read("k", 0, target, forever_), 2U);
  EXPECT_EQ(*made->read("k", 0, {}, forever_), 0U);
  for (const char* range : {"bytes 2-5/10", "bytes 3-5/10", "", "bytes 3-6", "items 3-6/10"}) {
    transport_.add(206, "3456", {{"content-range", range}});
    EXPECT_FALSE(made->read("k", 3, target, forever_)) << range;
  }
  transport_.add(206, "34", {{"content-range", "bytes 3-4/10"}});  // and there is more
  EXPECT_FALSE(made->read("k", 3, target, forever_));
  transport_.add(200, "0123");  // the server does not know ranges
  EXPECT_FALSE(made->read("k", 3, target, forever_));
}

TEST_F(S3StoreTest, ListsPageByPageWithoutThePrefix) {
  transport_.add(200,
                 "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a+b"
                 "</NextContinuationToken><Contents><Key>pre/fix/x/2</Key><Size>2</Size></Contents>"
                 "<Contents><Key>pre/fix/x/not ours</Key><Size>2</Size></Contents>"
                 "</ListBucketResult>");
  transport_.add(200,
                 "<ListBucketResult><Contents><Key>pre/fix/x/1</Key><Size>1</Size></Contents>"
                 "<Contents><Key>elsewhere</Key><Size>1</Size></Contents></ListBucketResult>");
  const auto listed = store()->list("x", forever_);
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].key, "x/1");
  EXPECT_EQ((*listed)[1].key, "x/2");
  EXPECT_EQ((*listed)[1].bytes, 2U);
  EXPECT_EQ(asked()[1], "GET /bucket?continuation-token=a%2Bb&list-type=2&prefix=pre%2Ffix%2Fx");
}

TEST_F(S3StoreTest, RemovingWhatIsNotThereIsNoError) {
  transport_.add(204);
  EXPECT_TRUE(store()->remove("k", forever_));
  transport_.add_error(404, "NoSuchKey");
  EXPECT_TRUE(store()->remove("k", forever_));
  transport_.add_error(404, "NoSuchBucket");
  EXPECT_FALSE(store()->remove("k", forever_));
}

TEST_F(S3StoreTest, ALargeFileGoesInParts) {
  write_file();
  add_uploads({});
  transport_.add(
      200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
      {{"x-amz-checksum-algorithm", "CRC32C"}});
  for (std::size_t i = 0; i < 3; ++i) transport_.add(200, "", {{"etag", etag(i)}});
  transport_.add(200, "<CompleteMultipartUploadResult/>");
  ASSERT_TRUE(store()->put_file("k", "/d/file", forever_));
  EXPECT_THAT(asked(), testing::ElementsAre("GET /bucket?prefix=pre%2Ffix%2Fk&uploads=",
                                            "POST /bucket/pre/fix/k?uploads=",
                                            "PUT /bucket/pre/fix/k?partNumber=1&uploadId=u",
                                            "PUT /bucket/pre/fix/k?partNumber=2&uploadId=u",
                                            "PUT /bucket/pre/fix/k?partNumber=3&uploadId=u",
                                            "POST /bucket/pre/fix/k?uploadId=u"));
  EXPECT_EQ(transport_.seen[2].body + transport_.seen[3].body + transport_.seen[4].body, content_);
  EXPECT_EQ(transport_.seen[4].header("x-amz-checksum-crc32c"),
            crc32c_base64(std::string(10, 'c')));
  EXPECT_THAT(transport_.seen[5].body,
              HasSubstr("<PartNumber>3</PartNumber><ETag>&quot;" + hex(md5(std::string(10, 'c'))) +
                        "&quot;</ETag><ChecksumCRC32C>"));
}

TEST_F(S3StoreTest, GoesOnWithTheUploadThatHasMostOfTheFile) {
  write_file();
  add_uploads({"stranger", "ours", "older"});
  add_part_list({{1, "\"11111111111111111111111111111111\""}}, kPart);
  add_part_list({{1, etag(0)}, {2, etag(1)}, {7, etag(1)}}, kPart);
  add_part_list({{2, etag(1)}}, kPart);
  // As they come: the stranger, which has nothing of the file, and what has less of it.
  transport_.answers.insert(transport_.answers.begin() + 2, http_client::Answer{204, {}, ""});
  transport_.add(204);
  transport_.add(200, "", {{"etag", etag(2)}});
  transport_.add(200, "<CompleteMultipartUploadResult/>");
  ASSERT_TRUE(store()->put_file("k", "/d/file", forever_));
  EXPECT_THAT(
      asked(),
      testing::ElementsAre(
          "GET /bucket?prefix=pre%2Ffix%2Fk&uploads=", "GET /bucket/pre/fix/k?uploadId=stranger",
          "DELETE /bucket/pre/fix/k?uploadId=stranger", "GET /bucket/pre/fix/k?uploadId=ours",
          "GET /bucket/pre/fix/k?uploadId=older", "DELETE /bucket/pre/fix/k?uploadId=older",
          "PUT /bucket/pre/fix/k?partNumber=3&uploadId=ours",
          "POST /bucket/pre/fix/k?uploadId=ours"));
}

TEST_F(S3StoreTest, ALostAnswerToTheLastRequestIsNoFailure) {
  write_file();
  const std::string whole =
      fmt::format("\"{}-3\"", hex(md5(md5(std::string(kPart, 'a')) + md5(std::string(kPart, 'b')) +
                                      md5(std::string(10, 'c')))));
  for (const std::string& found : {whole, std::string("\"another\"")}) {
    transport_.seen.clear();
    add_uploads({});
    transport_.add(
        200,
        "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    for (std::size_t i = 0; i < 3; ++i) transport_.add(200, "", {{"etag", etag(i)}});
    transport_.add_failure(ErrorCode::kUnavailable);
    transport_.add_error(404, "NoSuchUpload");
    transport_.add(200, "", {{"etag", found}, {"content-length", "1"}});
    EXPECT_EQ(store()->put_file("k", "/d/file", forever_).has_value(), found == whole);
  }
}

TEST_F(S3StoreTest, AnErrorBehind200IsOne) {
  write_file();
  add_uploads({});
  transport_.add(
      200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  for (std::size_t i = 0; i < 3; ++i) transport_.add(200, "", {{"etag", etag(i)}});
  transport_.add_error(200, "InternalError");  // and again, which succeeds
  transport_.add(200, "<CompleteMultipartUploadResult/>");
  EXPECT_TRUE(store()->put_file("k", "/d/file", forever_));
  EXPECT_EQ(pauses_.size(), 1U);
}

TEST_F(S3StoreTest, AServerThatListsNoUploadsGetsANewOne) {
  write_file();
  transport_.add_error(501, "NotImplemented");
  transport_.add(
      200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  for (std::size_t i = 0; i < 3; ++i) transport_.add(200, "", {{"etag", etag(i)}});
  transport_.add(200, "<CompleteMultipartUploadResult/>");
  EXPECT_TRUE(store()->put_file("k", "/d/file", forever_));
}

TEST(MultipartUploadTest, PartsGrowWithTheFile) {
  EXPECT_EQ(MultipartUpload::part_bytes_for(1, 100), 100U);
  EXPECT_EQ(MultipartUpload::part_bytes_for(1'000'000, 100), 100U);
  EXPECT_EQ(MultipartUpload::part_bytes_for(1'000'001, 100), 101U);
}

}  // namespace
}  // namespace livedata::archive::s3
