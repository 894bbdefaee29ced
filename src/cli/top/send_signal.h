#pragma once

#include "base/result.h"
#include "cli/top/figures.h"

namespace livedata::cli::top {

/// Sends a signal to a process of this machine, as it was when its figures were read: never to
/// another one that has got its number since. kNotFound: it has ended; kPermissionDenied: it is
/// somebody else's; kUnsupported: a kernel before 5.3, which can't do that.
Result<void> send_signal(const ProcessFigures& process, int signal);

}  // namespace livedata::cli::top
