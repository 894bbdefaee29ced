#include "archive/s3/xml.h"

#include <random>

#include <gtest/gtest.h>

#include "archive/s3/s3_answers.h"

namespace livedata::archive::s3 {
namespace {

TEST(XmlTest, ReadsElementsTextAndEntities) {
  const auto root = parse_xml(
      "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- x --><n:A xmlns='u' "
      "b=\"1>2\">t&lt;&amp;&#x41;&#233;"
      "<B/><B >two</B><![CDATA[<c>]]>!<!-- y --></n:A>\n");
  ASSERT_TRUE(root.has_value()) << root.error().message;
  EXPECT_EQ(root->name, "A");
  EXPECT_EQ(root->text, "t<&A\xC3\xA9<c>!");
  ASSERT_EQ(root->children.size(), 2U);
  EXPECT_EQ(root->children[1].text, "two");
  EXPECT_EQ(root->child_text("B"), "");
  EXPECT_EQ(root->child("C"), nullptr);
}

TEST(XmlTest, RefusesWhatIsNotWhole) {
  for (const char* text : {"",
                           "x",
                           "<",
                           "<a",
                           "<a>",
                           "<a></b>",
                           "<a></a",
                           "<a/>x",
                           "<a/><b/>",
                           "<a b></a>",
                           "<a b=1/>",
                           "<a b=\"1/>",
                           "<a>&b;</a>",
                           "<a>&#xD800;</a>",
                           "<a>&#0;</a>",
                           "<a>&amp</a>",
                           "<!DOCTYPE a><a/>",
                           "<a><![CDATA[</a>",
                           "<a><!-- </a>",
                           "<a><?x </a>",
                           "</a>",
                           "< a/>",
                           "<a>&#99999999999;</a>"}) {
    EXPECT_FALSE(parse_xml(text).has_value()) << text;
  }
}

TEST(XmlTest, IsBounded) {
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "<a>";
  EXPECT_EQ(parse_xml(deep).error().code, ErrorCode::kTooLarge);
  std::string wide = "<r>";
  for (int i = 0; i < 100; ++i) wide += "<a/>";
  wide += "</r>";
  EXPECT_TRUE(parse_xml(wide, {.max_elements = 101}));
  EXPECT_EQ(parse_xml(wide, {.max_elements = 100}).error().code, ErrorCode::kTooLarge);
}

std::string written(const XmlElement& element) {
  std::string text = "<" + element.name + ">";
  for (const char c : element.text) {
    switch (c) {
      case '<':
        text += "&lt;";
        break;
      case '&':
        text += "&amp;";
        break;
      default:
        text += c;
    }
  }
  for (const XmlElement& child : element.children) text += written(child);
  return text + "</" + element.name + ">";
}

XmlElement random_element(std::mt19937& random, int depth) {
  XmlElement element;
  element.name = std::string(1, static_cast<char>('a' + random() % 26)) + "x";
  for (auto n = random() % 6; n > 0; --n) element.text += "<&>\"' ab\n"[random() % 9];
  for (auto n = depth > 4 ? 0 : random() % 4; n > 0; --n)
    element.children.push_back(random_element(random, depth + 1));
  return element;
}

TEST(XmlPropertyTest, ReadsBackWhatWasWritten) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const XmlElement element = random_element(random, 0);
    const std::string text = written(element);
    const auto read = parse_xml(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(written(*read), text);
    // Cut off or damaged anywhere it is refused or read, and never more than that.
    EXPECT_FALSE(parse_xml(text.substr(0, random() % text.size())).has_value());
    std::string damaged = text;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    static_cast<void>(parse_xml(damaged).has_value());
  }
}

TEST(S3AnswersTest, ReadsAPageOfObjects) {
  const auto page = read_object_page(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><IsTruncated>true</"
      "IsTruncated>"
      "<Contents><Key>a&amp;b</Key><Size>434234</Size><Owner><ID>1</ID></Owner></Contents>"
      "<Contents><Key>c</Key><Size>0</Size></Contents>"
      "<NextContinuationToken>t=</NextContinuationToken></ListBucketResult>");
  ASSERT_TRUE(page.has_value()) << page.error().message;
  ASSERT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->rows[0].key, "a&b");
  EXPECT_EQ(page->rows[0].bytes, 434'234U);
  EXPECT_EQ(page->next_token, "t=");
  EXPECT_FALSE(read_object_page("<html></html>"));
  EXPECT_FALSE(
      read_object_page("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"));
  EXPECT_FALSE(
      read_object_page("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
}

TEST(S3AnswersTest, ReadsErrorsAndWhatIsNone) {
  const S3Error error = S3Error::of("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>");
  EXPECT_EQ(error.code, "NoSuchKey");
  EXPECT_EQ(error.message, "gone");
  EXPECT_EQ(S3Error::of("<html>502</html>").code, "");
  EXPECT_EQ(S3Error::of("").code, "");
}

TEST(S3AnswersTest, ReadsUploadsAndParts) {
  const auto uploads = read_upload_page(
      "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u1</UploadId></Upload>"
      "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
  ASSERT_TRUE(uploads.has_value());
  ASSERT_EQ(uploads->rows.size(), 1U);
  EXPECT_EQ(uploads->rows[0].upload_id, "u1");
  const auto parts = read_part_page(
      "<ListPartsResult><Part><PartNumber>2</PartNumber><ETag>&quot;ab&quot;</ETag><Size>5</Size>"
      "<ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part></ListPartsResult>");
  ASSERT_TRUE(parts.has_value());
  ASSERT_EQ(parts->rows.size(), 1U);
  EXPECT_EQ(parts->rows[0].number, 2U);
  EXPECT_EQ(parts->rows[0].etag, "\"ab\"");
  EXPECT_EQ(*read_upload_id("<InitiateMultipartUploadResult><UploadId>x</UploadId>"
                            "</InitiateMultipartUploadResult>"),
            "x");
}

}  // namespace
}  // namespace livedata::archive::s3
