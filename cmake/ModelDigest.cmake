# A digest of what a facts file depends on in the tool: the model, its codec, the reading of sources and of their flags. As a script (cmake -P) it writes it as a C
# text; included, it gives ullage_model_digest(OUTPUT), which makes the target `ullage_model_digest`.
cmake_minimum_required(VERSION 3.25)

function(ullage_model_digest output)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/layout/model/*.[chd]* ${CMAKE_SOURCE_DIR}/layout/parse/*.[chd]*
    ${CMAKE_SOURCE_DIR}/cli/*flags.[chd]*)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${output} -D FOLDER=${CMAKE_SOURCE_DIR} -D "MACHINE=${CMAKE_SYSTEM_PROCESSOR}"
            -P ${CMAKE_SOURCE_DIR}/cmake/ModelDigest.cmake
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/cmake/ModelDigest.cmake VERBATIM)
  add_custom_target(ullage_model_digest DEPENDS ${output})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB sources ${FOLDER}/layout/model/*.[chd]* ${FOLDER}/layout/parse/*.[chd]* ${FOLDER}/cli/*flags.[chd]*)
  list(SORT sources)
  set(digests "${MACHINE}")
  foreach(source IN LISTS sources)
    file(SHA256 ${source} digest)
    string(APPEND digests " ${digest}")
  endforeach()
  string(SHA256 digest "${digests}")
  string(SUBSTRING ${digest} 0 16 digest)
  file(WRITE ${OUTPUT} "\"${digest}\"\n")
endif()
