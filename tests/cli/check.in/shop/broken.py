class Flag:
    🐍 = "é"; x = (1 +)
