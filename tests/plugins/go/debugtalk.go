// Functions that do what plugins must not do, and those of HttpRunner's own example.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

func init() {
	// hrp takes the first line that a plugin prints for the handshake, so not always.
	if os.Getenv("PRINT_FIRST") != "" {
		fmt.Println("hello from init")
	}
}

func SumTwoInt(a, b int) int { return a + b }

func SumInts(args ...int) int {
	var sum int
	for _, arg := range args {
		sum += arg
	}
	return sum
}

func Sum(args ...interface{}) (interface{}, error) {
	var sum float64
	for _, arg := range args {
		number, ok := arg.(float64)
		if !ok {
			return nil, fmt.Errorf("unexpected type: %T", arg)
		}
		sum += number
	}
	return sum, nil
}

func SetupHookExample(args string) string { return fmt.Sprintf("step name: %v, setup...", args) }

func GetUserAgent() string { return "hrp/fungo" }

func Sleep(n int) string { return "not the builtin" }

func Echo(value interface{}) interface{} { return value }

func Pid() int { return os.Getpid() }

func Executable() (string, error) { return os.Executable() }

func TempDir() string { return os.TempDir() }

func Getenv(name string) string { return os.Getenv(name) }

func Nap(seconds float64) float64 {
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	return seconds
}

func Print(text string) string {
	fmt.Println(text)
	return text
}

func PrintError(text string) string {
	fmt.Fprintln(os.Stderr, text)
	return text
}

func Flood(lines int) int {
	for number := 0; number < lines; number++ {
		fmt.Println("line", number, strings.Repeat("x", 80))
	}
	return lines
}

func Panic(text string) string { panic(text) }

func Index(position int) int { return []int{1, 2, 3}[position] }

func Exit(code int) int {
	os.Exit(code)
	return 0
}

func Fail(text string) (string, error) { return "", errors.New(text) }

func Nothing() {}

func Hang() int { select {} }

func Long(size int) string { return strings.Repeat("x", size) }

func Channel() chan int { return make(chan int) }

func Big() int64 { return 9007199254740993 }

var shared = map[int]int{}

// Race is a race of several calls at once, for which Go ends the process.
func Race(n, times int) int {
	for number := 0; number < times; number++ {
		shared[number%13] = n
	}
	return n
}
