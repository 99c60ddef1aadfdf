"""Japanese as people type it and as it is shown: normal forms, kana, dates and fiscal years, money, clean text."""
