process.stdout.write('{"event":"error","code":"MODEL_LOAD_FAILED","message":"there is no model"}\n');
process.exit(1);
