# cmake -DOUTPUT=FILE -DPROGRAM=FILE "-DARGUMENTS=a b" -P: what the program prints becomes FILE, whatever the shell of the build is.
separate_arguments(arguments UNIX_COMMAND "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} ${arguments} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${OUTPUT} "${text}")
