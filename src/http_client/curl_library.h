#pragma once

#include <memory>

#include <curl/curl.h>

#include "base/result.h"

namespace livedata::http_client {

/// libcurl's functions, found at run time: what never asks another server pays nothing for it, and
/// TLS is the system's own, with its certificates and its updates.
class CurlLibrary {
 public:
  /// kUnavailable where libcurl is not installed.
  static Result<std::unique_ptr<CurlLibrary>> load();
  /// The library stays loaded: OpenSSL, which it brings, can't be unloaded while threads run.
  ~CurlLibrary() = default;
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;

  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_wait) multi_wait = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;

 private:
  CurlLibrary() = default;

  template <class Function>
  bool find(const char* name, Function& function);
  bool find_all();

  void* handle_ = nullptr;
};

}  // namespace livedata::http_client
