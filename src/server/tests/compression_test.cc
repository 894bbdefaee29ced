#include "server/http/compression.h"

#include <libdeflate.h>

#include <memory>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Pair;

Request request_with(std::string accept_encoding) {
  Request request;
  request.headers.emplace_back("accept-encoding", std::move(accept_encoding));
  return request;
}

Response compressed(const Request& request, std::string body) {
  Response response = Response::json(std::move(body));
  compress(request, response);
  return response;
}

std::string gunzip(std::string_view data, std::size_t size) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>
      decompressor(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::string out(size, '\0');
  EXPECT_EQ(libdeflate_gzip_decompress(decompressor.get(), data.data(), data.size(), out.data(),
                                       out.size(), nullptr),
            LIBDEFLATE_SUCCESS);
  return out;
}

TEST(Compression, OnlyForClientsThatAcceptGzip) {
  struct Case {
    const char* header;
    bool accepted;
  };
  for (const Case& c : {
           Case{"gzip", true},
           Case{"gzip, deflate, br", true},
           Case{"br,gzip", true},
           Case{"br;q=1.0, gzip;q=0.8", true},
           Case{"gzip;q=0.5", true},
           Case{"gzip ; q=1", true},
           Case{"*", true},
           Case{", ,gzip", true},
           Case{"", false},
           Case{"br", false},
           Case{"deflate, br", false},
           Case{"identity", false},
           Case{"gzip;q=0", false},
           Case{"gzip; q=0, br", false},
           Case{"*;q=0", false},
           Case{"gzipped", false},
           Case{"x-gzip2", false},
       }) {
    const Response response = compressed(request_with(c.header), std::string(2000, 'x'));
    EXPECT_EQ(response.body.size() < 2000, c.accepted) << c.header;
    EXPECT_EQ(!response.headers.empty(), c.accepted) << c.header;
  }
  EXPECT_THAT(compressed(Request(), std::string(2000, 'x')).headers, IsEmpty());
}

TEST(Compression, GivesTheSameBytesBack) {
  std::mt19937 random(5);
  for (const std::size_t size : {1024U, 5000U, 300'000U}) {
    std::string body;
    while (body.size() < size) body += static_cast<char>(random() % (size > 5000 ? 256 : 4));
    const Response response = compressed(request_with("gzip"), body);
    EXPECT_THAT(response.headers, Contains(Pair("Content-Encoding", "gzip")));
    EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_TRUE(gunzip(response.body, body.size()) == body);
  }
}

TEST(Compression, LeavesSmallBodiesAlone) {
  const std::string body(1023, 'x');
  const Response response = compressed(request_with("gzip"), body);
  EXPECT_EQ(response.body, body);
  EXPECT_THAT(response.headers, IsEmpty());
}

TEST(Compression, LeavesStaticBodiesAndEventsAlone) {
  static constexpr std::string_view kStatic = "page";
  Response page;
  page.static_body = kStatic;
  page.body = std::string(2000, 'x');
  compress(request_with("gzip"), page);
  EXPECT_THAT(page.headers, IsEmpty());
  Response events;
  events.events = std::make_shared<EventStream>(1);
  events.body = std::string(2000, 'x');
  compress(request_with("gzip"), events);
  EXPECT_THAT(events.headers, IsEmpty());
}

}  // namespace
}  // namespace livedata::server
