module example.com/inference-tests

go 1.21
