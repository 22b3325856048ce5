import { testHostileWorker, WAYS } from "./hostile-ways.js";

testHostileWorker(WAYS);
