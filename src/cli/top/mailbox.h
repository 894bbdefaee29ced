#pragma once

#include <functional>
#include <vector>

#include "base/mutex.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// A change of the model, to be made by the thread that owns it.
using Update = std::function<void(Model&)>;

/// Hands updates from other threads to the one that draws; its file is readable while there are
/// some. Thread-safe.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void put(Update update);
  std::vector<Update> take();
  [[nodiscard]] int file() const { return file_; }

 private:
  const int file_;
  Mutex mutex_;
  std::vector<Update> updates_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::cli::top
