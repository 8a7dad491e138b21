module fairlead.dev/bench/gomeasure

go 1.26.0
