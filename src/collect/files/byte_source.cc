#include "collect/files/byte_source.h"

#include <algorithm>

#include "collect/files/content_mark.h"

namespace livedata::collect {
namespace {

constexpr std::size_t kInputBytes = 64 * 1024;
/// A read that is further ahead gives nothing and goes on there next time, so that a long way to
/// the right place holds nobody up.
constexpr std::uint64_t kMaxSkipBytes = 4U << 20U;

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(FileHandle file) : ByteSource(std::move(file), Compression::kNone) {}

  Result<std::string_view> read(std::uint64_t offset, std::size_t size,
                                std::string& buffer) override {
    if (buffer.size() < size) buffer.resize(size);
    const auto got = read_at(file(), offset, {buffer.data(), size});
    if (!got) return fail(ErrorCode::kIoError, "reading failed");
    return std::string_view(buffer).substr(0, *got);
  }
  void release(std::uint64_t /*offset*/) override {}
  [[nodiscard]] bool is_complete() const override { return false; }
};

class CompressedSource final : public ByteSource {
 public:
  CompressedSource(FileHandle file, Compression compression)
      : ByteSource(std::move(file), compression), decompressor_(Decompressor::make(compression)) {}

  Result<std::string_view> read(std::uint64_t offset, std::size_t size,
                                std::string& buffer) override {
    if (offset + size <= head_.size()) return std::string_view(head_).substr(offset, size);
    if (offset < window_begin_) restart();
    const std::uint64_t give_up = window_end() + kMaxSkipBytes + size;
    skipping_ = false;
    for (at_end_ = false; !at_end_ && window_end() < offset + size;) {
      if (window_end() >= give_up) {
        skipping_ = true;
        return std::string_view();
      }
      LIVEDATA_RETURN_IF_ERROR(fill(buffer));
      // Far from the place only what is just before it is of use.
      if (window_end() + ContentMark::kTailBytes < offset)
        drop_before(window_end() - std::min<std::uint64_t>(window_end(), ContentMark::kTailBytes));
    }
    if (offset >= window_end()) return std::string_view();
    return std::string_view(window_).substr(offset - window_begin_, size);
  }

  void release(std::uint64_t offset) override {
    if (offset > window_begin_ + ContentMark::kTailBytes)
      drop_before(std::min(offset, window_end()) - ContentMark::kTailBytes);
  }

  [[nodiscard]] bool is_skipping() const override { return skipping_; }
  [[nodiscard]] bool is_complete() const override {
    return at_end_ && !skipping_ && decompressor_->may_end();
  }

 private:
  [[nodiscard]] std::uint64_t window_end() const { return window_begin_ + window_.size(); }

  void restart() {
    decompressor_ = Decompressor::make(compression());
    window_.clear();
    input_.clear();
    window_begin_ = 0;
    input_offset_ = 0;
  }

  void drop_before(std::uint64_t offset) {
    if (offset <= window_begin_) return;
    window_.erase(0, offset - window_begin_);
    window_begin_ = offset;
  }

  Result<void> fill(std::string& buffer) {
    if (input_.empty()) {
      if (buffer.size() < kInputBytes) buffer.resize(kInputBytes);
      const auto got = read_at(file(), input_offset_, {buffer.data(), kInputBytes});
      if (!got) return fail(ErrorCode::kIoError, "reading failed");
      input_.assign(buffer, 0, *got);
      input_offset_ += *got;
    }
    const bool no_input = input_.empty();
    const std::size_t before = window_.size();
    std::string_view in = input_;
    LIVEDATA_RETURN_IF_ERROR(decompressor_->run(in, kInputBytes, window_));
    input_.erase(0, input_.size() - in.size());
    at_end_ = no_input && window_.size() == before;
    if (head_.size() < ContentMark::kHeadBytes && window_begin_ <= head_.size() &&
        window_end() > head_.size()) {
      head_.append(window_, head_.size() - window_begin_, ContentMark::kHeadBytes - head_.size());
    }
    return {};
  }

  std::unique_ptr<Decompressor> decompressor_;
  std::string head_;    // of the text
  std::string window_;  // of the text, from window_begin_ on
  std::uint64_t window_begin_ = 0;
  std::string input_;  // of the file, not taken yet
  std::uint64_t input_offset_ = 0;
  bool at_end_ = false;
  bool skipping_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> ByteSource::make(FileHandle file, Compression compression) {
  if (compression == Compression::kNone) return std::make_unique<PlainSource>(std::move(file));
  return std::make_unique<CompressedSource>(std::move(file), compression);
}

}  // namespace livedata::collect
