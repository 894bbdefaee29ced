#include "server/api/journal/routes.h"

#include "ingest/journal/push.h"
#include "server/api/push.h"

namespace livedata::server::journal {
namespace {

constexpr std::string_view kContentType = "application/vnd.fdo.journal";

/// Stores the entries of one upload.
class UploadSink : public BodySink {
 public:
  UploadSink(const ApiContext& context, tenant::Identity sender)
      : context_(context), sender_(std::move(sender)), decoder_(context.limits) {}

  Result<void> take(std::string_view piece) override {
    return store([&](ingest::RecordIntake& intake) { return decoder_.consume(piece, intake); });
  }

  Response finish() override {
    const Result<void> stored =
        store([&](ingest::RecordIntake& intake) { return decoder_.finish(intake); });
    // The status and words of systemd-journal-remote.
    return stored ? Response::text(202, "OK.\n") : Response::from(stored.error());
  }

 private:
  /// Writes the entries that `decode` finds, also those before a mistake.
  template <class Decode>
  Result<void> store(const Decode& decode) {
    const ingest::DecodeContext context = decode_context(context_, sender_, "journal");
    ingest::RecordIntake intake(context);
    Result<void> decoded = decode(intake);
    LIVEDATA_RETURN_IF_ERROR(server::store(context_, sender_, intake.take()));
    return decoded;
  }

  const ApiContext context_;
  const tenant::Identity sender_;
  ingest::journal::UploadDecoder decoder_;
};

tl::expected<std::unique_ptr<BodySink>, Response> open_upload(const Request& request,
                                                              const ApiContext& context) {
  const std::string_view type = request.header("content-type");
  const std::string_view encoding = request.header("content-encoding");
  if (type.substr(0, type.find(';')) != kContentType) {
    return tl::unexpected(
        Response::text(415, fmt::format("Content-Type must be {}\n", kContentType)));
  }
  if (!encoding.empty() && encoding != "identity") {
    return tl::unexpected(
        Response::text(415, "uploads of journals are taken without Content-Encoding only\n"));
  }
  return std::make_unique<UploadSink>(context, request.identity);
}

}  // namespace

void add_routes(const ApiContext& context, Router& router) {
  for (const char* path : {"/upload", "/api/v1/journal/upload"}) {
    router.add_stream(path, [context](const Request& r) { return open_upload(r, context); });
  }
}

}  // namespace livedata::server::journal
