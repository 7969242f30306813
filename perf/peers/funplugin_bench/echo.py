import funppy


def echo(text):
    return text


if __name__ == "__main__":
    funppy.register("echo", echo)
    funppy.serve()
