// Prints its environment as one line of JSON.
console.log(`environment ${JSON.stringify(process.env)}`);
setInterval(() => {}, 60_000);
