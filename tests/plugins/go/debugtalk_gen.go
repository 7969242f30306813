// As hrp build writes it.
package main

import "github.com/httprunner/funplugin/fungo"

func main() {
	fungo.Register("SumTwoInt", SumTwoInt)
	fungo.Register("SumInts", SumInts)
	fungo.Register("Sum", Sum)
	fungo.Register("SetupHookExample", SetupHookExample)
	fungo.Register("GetUserAgent", GetUserAgent)
	fungo.Register("Sleep", Sleep)
	fungo.Register("Echo", Echo)
	fungo.Register("Pid", Pid)
	fungo.Register("Executable", Executable)
	fungo.Register("TempDir", TempDir)
	fungo.Register("Getenv", Getenv)
	fungo.Register("Nap", Nap)
	fungo.Register("Print", Print)
	fungo.Register("PrintError", PrintError)
	fungo.Register("Flood", Flood)
	fungo.Register("Panic", Panic)
	fungo.Register("Index", Index)
	fungo.Register("Exit", Exit)
	fungo.Register("Fail", Fail)
	fungo.Register("Nothing", Nothing)
	fungo.Register("Hang", Hang)
	fungo.Register("Long", Long)
	fungo.Register("Channel", Channel)
	fungo.Register("Big", Big)
	fungo.Register("Race", Race)
	fungo.Serve()
}
