#include "http_client/curl_library.h"

#include <dlfcn.h>

namespace livedata::http_client {

template <class Function>
bool CurlLibrary::find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle_, name));  // NOLINT: how dlsym(3) is used
  return function != nullptr;
}

bool CurlLibrary::find_all() {
  return find("curl_easy_init", easy_init) && find("curl_easy_cleanup", easy_cleanup) &&
         find("curl_easy_reset", easy_reset) && find("curl_easy_setopt", easy_setopt) &&
         find("curl_easy_getinfo", easy_getinfo) && find("curl_easy_strerror", easy_strerror) &&
         find("curl_multi_init", multi_init) && find("curl_multi_cleanup", multi_cleanup) &&
         find("curl_multi_add_handle", multi_add_handle) &&
         find("curl_multi_remove_handle", multi_remove_handle) &&
         find("curl_multi_perform", multi_perform) && find("curl_multi_wait", multi_wait) &&
         find("curl_multi_info_read", multi_info_read) && find("curl_slist_append", slist_append) &&
         find("curl_slist_free_all", slist_free_all);
}

Result<std::unique_ptr<CurlLibrary>> CurlLibrary::load() {
  // NOLINTNEXTLINE: the constructor is private
  auto library = std::unique_ptr<CurlLibrary>(new CurlLibrary());
  for (const char* file : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
    library->handle_ = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library->handle_ != nullptr) break;
  }
  decltype(&::curl_global_init) global_init = nullptr;
  if (library->handle_ == nullptr || !library->find_all() ||
      !library->find("curl_global_init", global_init))
    return fail(ErrorCode::kUnavailable,
                "libcurl is not installed; install the package libcurl4 (Debian, Ubuntu), libcurl "
                "(Fedora, RHEL) or curl (Arch, Alpine)");
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return fail(ErrorCode::kInternal, "libcurl does not start");
  return library;
}

}  // namespace livedata::http_client
