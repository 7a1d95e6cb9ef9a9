# cmake -DOUTPUT=FILE -DPROGRAM=FILE "-DARGUMENTS=a;b" -P: what the program prints becomes FILE, whatever the shell of the build is.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} OUTPUT_FILE ${OUTPUT} COMMAND_ERROR_IS_FATAL ANY)
