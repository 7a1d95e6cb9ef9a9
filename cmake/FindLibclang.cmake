# Finds libclang 14 to 19 (the newest, or -DULLAGE_LLVM_VERSION=N) and clang's own headers, without which
# <stddef.h> is not found at run time. Sets Libclang_VERSION and the target Libclang::Libclang.
set(_versions 19 18 17 16 15 14)
if(ULLAGE_LLVM_VERSION)
  set(_versions ${ULLAGE_LLVM_VERSION})
endif()
foreach(_version IN LISTS _versions)
  find_path(Libclang_INCLUDE_DIR_${_version} clang-c/Index.h NO_DEFAULT_PATH
    PATHS /usr/lib/llvm-${_version}/include /usr/local/lib/llvm-${_version}/include /opt/llvm-${_version}/include)
  find_library(Libclang_LIBRARY_${_version} NAMES clang-${_version} clang NO_DEFAULT_PATH
    PATHS /usr/lib/llvm-${_version}/lib /usr/local/lib/llvm-${_version}/lib /opt/llvm-${_version}/lib)
  mark_as_advanced(Libclang_INCLUDE_DIR_${_version} Libclang_LIBRARY_${_version})
  if(Libclang_INCLUDE_DIR_${_version} AND Libclang_LIBRARY_${_version})
    set(Libclang_VERSION ${_version})
    set(Libclang_INCLUDE_DIR ${Libclang_INCLUDE_DIR_${_version}})
    set(Libclang_LIBRARY ${Libclang_LIBRARY_${_version}})
    break()
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libclang REQUIRED_VARS Libclang_LIBRARY Libclang_INCLUDE_DIR VERSION_VAR Libclang_VERSION
  REASON_FAILURE_MESSAGE "ullage needs libclang 14 to 19 with its headers: apt-get install libclang-14-dev")

file(GLOB _resource_headers /usr/lib/llvm-${Libclang_VERSION}/lib/clang/*/include/stddef.h
  /usr/include/clang/${Libclang_VERSION}*/include/stddef.h ${Libclang_INCLUDE_DIR}/../lib/clang/*/include/stddef.h)
if(NOT _resource_headers)
  message(FATAL_ERROR "the run-time headers of clang ${Libclang_VERSION} (stddef.h and others) are missing: "
    "apt-get install libclang-common-${Libclang_VERSION}-dev")
endif()
list(GET _resource_headers 0 _resource_header)
get_filename_component(Libclang_RESOURCE_INCLUDE ${_resource_header} DIRECTORY)

if(Libclang_FOUND AND NOT TARGET Libclang::Libclang)
  add_library(Libclang::Libclang UNKNOWN IMPORTED)
  set_target_properties(Libclang::Libclang PROPERTIES IMPORTED_LOCATION ${Libclang_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Libclang_INCLUDE_DIR} INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${Libclang_INCLUDE_DIR})
endif()
