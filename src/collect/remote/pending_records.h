#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "ingest/record_intake.h"
#include "model/bookmark.h"

namespace livedata::collect::remote {

/// Records of all remotes that wait to be stored together, and how far their sources were read with
/// them. Not thread-safe.
class PendingRecords {
 public:
  PendingRecords(const Limits& limits, const ingest::pipeline::Pipelines* pipelines,
                 const Clock& clock)
      : limits_(limits), pipelines_(pipelines), clock_(clock) {}

  /// Where entries of journals, and lines of files go.
  ingest::RecordIntake& journal() { return intake(journal_, "journal"); }
  ingest::RecordIntake& files() { return intake(files_, "file"); }
  void add_metrics(const RecordBatch& batch, std::size_t bytes) {
    metrics_.add_all(batch);
    bytes_ += bytes;
  }
  Bookmarks& bookmarks() { return bookmarks_; }
  void add_bytes(std::size_t bytes) { bytes_ += bytes; }
  /// About how many there are.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_ == 0 && bookmarks_.empty(); }

  struct Taken {
    std::shared_ptr<RecordBatch> batch;
    Bookmarks bookmarks;
    std::vector<ingest::Rejection> rejected;
  };
  /// All of it; what is left is empty.
  Taken take() {
    Taken taken;
    taken.batch = std::make_shared<RecordBatch>(std::move(metrics_));
    metrics_ = RecordBatch();
    for (Door* door : {&journal_, &files_}) {
      if (door->intake == nullptr) continue;
      ingest::Decoded decoded = door->intake->take();
      taken.batch->add_all(decoded.batch);
      for (ingest::Rejection& rejection : decoded.rejected)
        taken.rejected.push_back(std::move(rejection));
      door->intake.reset();
    }
    taken.bookmarks = std::move(bookmarks_);
    bookmarks_.clear();
    bytes_ = 0;
    return taken;
  }

 private:
  struct Door {
    std::optional<ingest::DecodeContext> context;
    std::unique_ptr<ingest::RecordIntake> intake;
  };
  ingest::RecordIntake& intake(Door& door, std::string_view source) {
    if (door.intake == nullptr) {
      door.context.emplace(ingest::DecodeContext{limits_, clock_.now(), source, pipelines_});
      door.intake = std::make_unique<ingest::RecordIntake>(*door.context);
    }
    return *door.intake;
  }

  const Limits& limits_;
  const ingest::pipeline::Pipelines* pipelines_;
  const Clock& clock_;
  RecordBatch metrics_;
  Door journal_;
  Door files_;
  Bookmarks bookmarks_;
  std::size_t bytes_ = 0;
};

}  // namespace livedata::collect::remote
